/** Prices as shoppers read and type them. */

import { minorPerUnit } from "@recommndr/client";

export { minorPerUnit, price } from "@recommndr/client";

/** A price that a shopper typed, in minor units; undefined when it is not a price. */
export function parsePrice(text: string, currency: string): number | undefined {
  const amount = Number(text.trim().replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(amount) || amount < 0) return undefined;
  return Math.round(amount * minorPerUnit(currency));
}
