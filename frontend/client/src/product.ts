import type { components } from "./api/shop.ts";

/** An item as pages show it; fields missing in the catalogue are null. */
export interface Product {
  item_id: string;
  title: string;
  category_path: string[];
  brand: string | null;
  price_minor: number | null;
  currency: string | null;
  image_url: string | null;
  available: boolean;
}

/** The catalogue fields that pages ask lists for. */
export const FIELDS = ["title", "category_path", "brand", "price_minor", "currency", "image_url"] as const;

type Listed = components["schemas"]["ListedItem"];
type Shown = components["schemas"]["ShownItem"];

export function productOf(item: Listed | Shown): Product {
  return {
    item_id: item.item_id,
    title: item.title ?? item.item_id,
    category_path: item.category_path ?? [],
    brand: item.brand ?? null,
    price_minor: item.price_minor ?? null,
    currency: item.currency ?? null,
    image_url: item.image_url ?? null,
    available: "available" in item ? item.available : true,
  };
}
