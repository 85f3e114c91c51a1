/** What a shopper did, as the collector wants to hear it. */

import type { components } from "./api/collector.ts";
import type { Product } from "./product.ts";
import type { ClientEvent } from "./recommndr.ts";
import { cut } from "./text.ts";

const MAX_QUERY = 512;
const MAX_ADDRESS = 2_048;

export type Line = components["schemas"]["Line"];
export type Kind = "view" | "click" | "add_to_cart" | "remove_from_cart" | "purchase" | "impression";

/** A product and how many of it: a line of a cart or of an order. */
export interface Bought {
  product: Product;
  quantity: number;
}

/** Who tells, from where. */
export interface Teller {
  userId: string;
  /** Of the visit that goes on (`VisitId`). */
  sessionId: () => string;
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
  return { ...head(teller, at), kind: "search", query: cut(query, MAX_QUERY) };
}

export function lineOf(product: Product, more: { quantity?: number; position?: number } = {}): Line {
  const priced = product.price_minor !== null && product.currency !== null;
  return {
    item_id: product.item_id,
    ...(priced ? { price_minor: product.price_minor, currency: product.currency } : {}),
    ...more,
  };
}

export function linesOf(bought: readonly Bought[]): Line[] {
  return bought.map(({ product, quantity }) => lineOf(product, { quantity }));
}

function head(teller: Teller, at: Date) {
  return {
    event_id: crypto.randomUUID(),
    user_id: teller.userId,
    session_id: teller.sessionId(),
    occurred_at: at.toISOString(),
    context: { device: teller.device, page: cut(teller.page(), MAX_ADDRESS) },
  };
}
