import type { Product } from "./product.ts";

export interface Habit {
  orders: number;
  /** Mean days between orders; null before the second order. */
  daysBetween: number | null;
}

/** One place of a list: the product, the reason, and the position (0 = first). */
export interface Place {
  product: Product;
  position: number;
  sources: string[];
  reason: string;
  /** How often the shopper buys it; null if the answer does not say. */
  habit: Habit | null;
}

/** A list from the platform, or a page of the catalogue. */
export interface List {
  /** The answer's id: an impression counts once per list and item. */
  id: string;
  /** The attribution token to send with events about this list. */
  attribution: string | null;
  places: Place[];
  /** Number of this shopper's events that the answer contains; null if the answer does not say. */
  nEvents: number | null;
  /** Whether the platform had no model of the shop: before its first release, or while a part is away. */
  withoutModel: boolean;
}

export const NO_LIST: List = { id: "", attribution: null, places: [], nEvents: null, withoutModel: false };
