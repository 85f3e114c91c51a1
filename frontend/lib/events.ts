/** What a shopper did, as the collector wants to hear it. */

import type { components } from "./api/collector";
import type { CartLine } from "./cart";
import type { Product } from "./product";
import type { ClientEvent } from "./recommndr";

export type Line = components["schemas"]["Line"];
export type Kind = "view" | "click" | "add_to_cart" | "remove_from_cart" | "purchase" | "impression";

/** Who tells, from where: the same on every event of a visit. */
export interface Teller {
  userId: string;
  sessionId: string;
  device: string;
  page: () => string;
}

export function interaction(
  teller: Teller,
  kind: Kind,
  lines: Line[],
  attribution: string | null,
  at = new Date(),
): ClientEvent {
  return { ...head(teller, at), kind, lines, ...(attribution === null ? {} : { attribution }) };
}

export function search(teller: Teller, query: string, at = new Date()): ClientEvent {
  return { ...head(teller, at), kind: "search", query: query.slice(0, 512) };
}

export function lineOf(product: Product, more: { quantity?: number; position?: number } = {}): Line {
  const priced = product.price_minor !== null && product.currency !== null;
  return {
    item_id: product.item_id,
    ...(priced ? { price_minor: product.price_minor, currency: product.currency } : {}),
    ...more,
  };
}

export function linesOf(cart: readonly CartLine[]): Line[] {
  return cart.map(({ product, quantity }) => lineOf(product, { quantity }));
}

function head(teller: Teller, at: Date) {
  return {
    event_id: crypto.randomUUID(),
    user_id: teller.userId,
    session_id: teller.sessionId,
    occurred_at: at.toISOString(),
    context: { device: teller.device, page: teller.page().slice(0, 2048) },
  };
}
