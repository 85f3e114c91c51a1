/** Reason texts for places of the shopper's list; they claim no more than the answer says. */

import type { List, Place } from "./list.ts";
import type { RecentAction, RecentKind } from "./recent.ts";
import { FROM_ACTIONS } from "./retrievers.ts";

const BECAUSE: Record<RecentKind, string> = {
  view: "Because you looked at",
  add_to_cart: "Goes with what you picked:",
  purchase: "Because you bought",
};

const PERSONAL: readonly string[] = ["buy_again", ...FROM_ACTIONS];
const MIN_ORDERS_OF_A_HABIT = 3;

export function reasonFor(place: Place, recent: readonly RecentAction[]): string {
  const habit = habitOf(place);
  if (habit) return habit;
  const itemId = place.product.item_id;
  // Only retrievers that start from single actions of the shopper may be explained by one of them.
  if (place.sources.some((source) => FROM_ACTIONS.includes(source))) {
    const cause = recent.find((action) => action.itemId !== itemId && action.similar.includes(itemId));
    if (cause && !place.sources.includes("buy_again")) return `${BECAUSE[cause.kind]} ${cause.title}`;
  }
  if (
    !place.sources.includes("buy_again") &&
    recent.some((action) => action.itemId === itemId && action.kind === "view")
  ) {
    return "You looked at this";
  }
  return place.reason;
}

/** Whether any place is personal to this shopper; otherwise everybody gets the same list. */
export function isPersonal(list: List): boolean {
  return list.places.some((place) => place.sources.some((source) => PERSONAL.includes(source)));
}

function habitOf(place: Place): string | undefined {
  const habit = place.habit;
  if (!place.sources.includes("buy_again") || !habit?.daysBetween) return undefined;
  return habit.orders >= MIN_ORDERS_OF_A_HABIT ? `You buy this every ${span(habit.daysBetween)}` : undefined;
}

/** A time span in words: "day", "9 days", "3 weeks", "2 months". */
export function span(days: number): string {
  if (days < 1.5) return "day";
  if (days < 13.5) return `${Math.round(days)} days`;
  if (days < 56) return `${Math.round(days / 7)} weeks`;
  return `${Math.round(days / 30.4)} months`;
}
