import type { Product } from "./product.ts";

export interface Habit {
  orders: number;
  /** Mean days from one order to the next; null before the second. */
  daysBetween: number | null;
}

/** One place of a list: the product, why it is there, and its place (0 = first). */
export interface Place {
  product: Product;
  position: number;
  sources: string[];
  reason: string;
  /** How often the shopper buys it, where the answer says so. */
  habit: Habit | null;
}

/** A list that the platform answered, or a page of the catalogue. */
export interface List {
  /** Names the answer: an impression counts once per list and item. */
  id: string;
  /** Goes back with what the shopper does about this list. */
  attribution: string | null;
  places: Place[];
  /** Events the answer knew of this shopper; null where the answer does not say. */
  nEvents: number | null;
}

export const NO_LIST: List = { id: "", attribution: null, places: [], nEvents: null };
