/**
 * Remembers which list led the shopper to which item. The attribution token is kept from the click on, so that later views,
 * cart events and orders of the item carry it.
 */

import { readArray, type Store } from "./store.ts";

interface Step {
  itemId: string;
  attribution: string;
  atMs: number;
}

const TOKEN_LIFE_MS = 7 * 24 * 3_600_000; // older tokens are refused
const MAX_STEPS = 200;

export class Trail {
  constructor(
    private readonly store: Store,
    private readonly key: string,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Notes that a list led to an item; a list without a token changes nothing. */
  follow(itemId: string, attribution: string | null): void {
    if (attribution === null) return;
    const others = this.steps().filter((step) => step.itemId !== itemId);
    this.store.write(this.key, [...others, { itemId, attribution, atMs: this.nowMs() }].slice(-MAX_STEPS));
  }

  /** The token for an event with these items: that of the newest list that led to any of them. */
  tokenOf(itemIds: Iterable<string>): string | null {
    const wanted = new Set(itemIds);
    return this.steps().findLast((step) => wanted.has(step.itemId))?.attribution ?? null;
  }

  private steps(): Step[] {
    const oldest = this.nowMs() - TOKEN_LIFE_MS;
    return readArray<Step>(this.store, this.key).filter((step) => step.atMs > oldest);
  }
}
