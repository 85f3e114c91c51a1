/** The grid, page by page: best-sellers first, then the rest of the catalogue; a search has its own order. */

import type { List, Place, Product } from "@recommndr/client";
import { type Filters, isSearch } from "./filters";

export interface Catalogue {
  popular(k: number, category?: string[]): Promise<List>;
  search(filters: Filters, limit: number, cursor?: string): Promise<{ products: Product[]; next: string | null }>;
}

const N_POPULAR = 80;
const NOTHING: Promise<ReadonlySet<string>> = Promise.resolve(new Set());

/**
 * Pages of up to `size` places; no item comes twice. Items in `above` come with the rest of the catalogue instead of with the
 * best-sellers. The last page is returned instead of yielded, so that the caller knows that it is the last.
 */
export async function* browse(
  catalogue: Catalogue,
  filters: Filters,
  above = NOTHING,
  size = 20,
): AsyncGenerator<List, List | undefined> {
  const seen = new Set<string>();
  if (!isSearch(filters)) {
    const [list, shown] = await Promise.all([catalogue.popular(N_POPULAR, filters.category), above]);
    const places = list.places.filter((place) => !shown.has(place.product.item_id));
    for (const place of places) seen.add(place.product.item_id);
    for (let start = 0; start < places.length; start += size) {
      yield { ...list, places: places.slice(start, start + size) };
    }
  }
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: { products: Product[]; next: string | null } = await catalogue.search(filters, size, cursor);
    const left = page.products.filter((product) => !seen.has(product.item_id));
    // A page of a search has no request_id, so its cursor is its id.
    const id = `items:${JSON.stringify(filters)}:${cursor ?? ""}`;
    const list = { id, attribution: null, places: left.map(placeOf), nEvents: null, withoutModel: false };
    cursor = page.next;
    if (cursor === null) return left.length > 0 ? list : undefined;
    if (left.length > 0) yield list;
  }
  return undefined;
}

function placeOf(product: Product, position: number): Place {
  return { product, position, sources: ["catalogue"], reason: "", habit: null };
}
