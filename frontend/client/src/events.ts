/** Builds the events that the collector accepts. */

import type { components } from "./api/shop.ts";
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

/** What all events of a page have in common. */
export interface EventContext {
  userId: string;
  /** The id of the current visit (`VisitId`). */
  sessionId: () => string;
  device: string;
  page: () => string;
}

export function interaction(
  context: EventContext,
  kind: Kind,
  lines: Line[],
  attribution: string | null,
  at = new Date(),
): ClientEvent {
  return { ...head(context, at), kind, lines, ...(attribution === null ? {} : { attribution }) };
}

export function search(context: EventContext, query: string, at = new Date()): ClientEvent {
  return { ...head(context, at), kind: "search", query: cut(query, MAX_QUERY) };
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

function head(context: EventContext, at: Date) {
  return {
    event_id: crypto.randomUUID(),
    user_id: context.userId,
    session_id: context.sessionId(),
    occurred_at: at.toISOString(),
    context: { device: context.device, page: cut(context.page(), MAX_ADDRESS) },
  };
}
