/** Asks for a list until it contains the shopper's latest events, with growing pauses. */

import type { List } from "./list.ts";

const PAUSES_MS = [60, 120, 240, 500, 1_000, 2_000];

export async function freshList(
  ask: () => Promise<List>,
  nEventsWanted: number,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<List> {
  let list = await ask();
  for (const ms of PAUSES_MS) {
    if (list.nEvents === null || list.nEvents >= nEventsWanted) break;
    await pause(ms);
    list = await ask();
  }
  return list;
}

/** Whether the list is empty only for now: nothing is known of the shop yet, so a later answer may have items. */
export function mayFill(list: List): boolean {
  return list.withoutModel && list.places.length === 0;
}

/** Whether a shopper would see a difference between the lists. */
export function looksTheSame(one: List, other: List): boolean {
  const ids = (list: List) => list.places.map((place) => place.product.item_id).join("\n");
  return ids(one) === ids(other);
}
