import type { List, Place } from "./list.ts";
import type { Product } from "./product.ts";
import type { ClientEvent } from "./recommndr.ts";

export function product(itemId: string, priceMinor: number | null = 100): Product {
  return {
    item_id: itemId,
    title: `Item ${itemId}`,
    category_path: ["Garden", "Plants"],
    brand: "Fernhaven",
    price_minor: priceMinor,
    currency: priceMinor === null ? null : "EUR",
    image_url: null,
    available: true,
  };
}

export function place(itemId: string, sources: string[] = ["popularity"], habit: Place["habit"] = null): Place {
  return { product: product(itemId), position: 0, sources, reason: "In the platform's words", habit };
}

export function list(ids: string[], nEvents: number | null = null, id = "r1"): List {
  return { id, attribution: "token", nEvents, places: ids.map((itemId) => place(itemId)), withoutModel: false };
}

export function event(n: number): ClientEvent {
  return {
    event_id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    user_id: "u1",
    occurred_at: "2026-03-01T12:00:00Z",
    kind: "view",
    lines: [{ item_id: `i${n}` }],
  };
}
