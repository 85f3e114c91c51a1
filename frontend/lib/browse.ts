/** The grid, page by page: what sells first, then everything else; a search goes through the catalogue in its own order. */

import type { List, Place, Product } from "@recommndr/client";
import { type Filters, isSearch } from "./filters";

export interface Catalogue {
  popular(k: number, category?: string[]): Promise<List>;
  items(filters: Filters, limit: number, cursor?: string): Promise<{ products: Product[]; next: string | null }>;
}

const N_POPULAR = 80;

/** Pages of up to `size` places; no item comes twice. Ends with the catalogue. */
export async function* browse(catalogue: Catalogue, filters: Filters, size = 20): AsyncGenerator<List, void> {
  const seen = new Set<string>();
  if (!isSearch(filters)) {
    const list = await catalogue.popular(N_POPULAR, filters.category);
    for (const place of list.places) seen.add(place.product.item_id);
    for (let start = 0; start < list.places.length; start += size) {
      yield { ...list, places: list.places.slice(start, start + size) };
    }
  }
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: { products: Product[]; next: string | null } = await catalogue.items(filters, size, cursor);
    const left = page.products.filter((product) => !seen.has(product.item_id));
    // A page of the catalogue has no request_id: its cursor names it as well.
    const id = `items:${JSON.stringify(filters)}:${cursor ?? ""}`;
    if (left.length > 0) yield { id, attribution: null, places: left.map(placeOf), nEvents: null };
    cursor = page.next;
  }
}

function placeOf(product: Product, position: number): Place {
  return { product, position, sources: ["catalogue"], reason: "", habit: null };
}
