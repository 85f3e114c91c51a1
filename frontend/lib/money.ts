/** Prices are whole numbers of the currency's minor unit everywhere; only this module turns them into text. */

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat("en", { style: "currency", currency });
    formats.set(currency, format);
  }
  return format;
}

/** Minor units in one unit of the currency: 100 for EUR, 1 for JPY. */
export function minorPerUnit(currency: string): number {
  return 10 ** (formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2);
}

/** A price as a shopper reads it. */
export function price(minor: number, currency: string): string {
  return formatOf(currency).format(minor / minorPerUnit(currency));
}

/** A price that a shopper typed, in minor units; undefined when it is not a price. */
export function parsePrice(text: string, currency: string): number | undefined {
  const amount = Number(text.trim().replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(amount) || amount < 0) return undefined;
  return Math.round(amount * minorPerUnit(currency));
}
