/** Filters of the grid. They are part of the address, so that a page can be shared and gone back to. */

import { cut, type ItemFilters } from "@recommndr/client";

export type Filters = ItemFilters;

const NAMES = { q: "q", category: "category", brand: "brand", priceMin: "min", priceMax: "max" } as const;

export function filtersOf(search: URLSearchParams): Filters {
  const filters: Filters = {};
  const category = search.getAll(NAMES.category).map((name) => cut(name, 128));
  if (category.some((name) => name !== "")) filters.category = category.slice(0, 8);
  for (const name of ["q", "brand"] as const) {
    const value = search.get(NAMES[name])?.trim();
    if (value) filters[name] = cut(value, 128);
  }
  for (const name of ["priceMin", "priceMax"] as const) {
    const value = search.get(NAMES[name]);
    if (value !== null && /^\d{1,15}$/.test(value)) filters[name] = Number(value);
  }
  return filters;
}

/** The address of the grid with these filters. */
export function addressOf(filters: Filters): string {
  const search = new URLSearchParams();
  for (const name of ["q", "category", "brand", "priceMin", "priceMax"] as const) {
    for (const value of [filters[name] ?? []].flat()) if (value !== "") search.append(NAMES[name], String(value));
  }
  const text = search.toString();
  return text ? `/?${text}` : "/";
}

/** Whether the filters need a catalogue search: best-sellers can be filtered by category only. */
export function isSearch(filters: Filters): boolean {
  return [filters.q, filters.brand, filters.priceMin, filters.priceMax].some((value) => value !== undefined);
}
