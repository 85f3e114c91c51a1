/** What this shopper did here lately, with what is similar to it: what reasons can name. */

import { readArray, type Store } from "./store.ts";

export type RecentKind = "view" | "add_to_cart" | "purchase";

export interface RecentDeed {
  itemId: string;
  title: string;
  kind: RecentKind;
  /** Ids of items the platform called similar to it; empty until they were asked for. */
  similar: string[];
}

const MAX_DEEDS = 12;
const STRENGTH: Record<RecentKind, number> = { view: 0, add_to_cart: 1, purchase: 2 };

export class Recent {
  constructor(
    private readonly store: Store,
    private readonly key: string,
  ) {}

  /** Newest first. */
  deeds(): RecentDeed[] {
    return readArray<RecentDeed>(this.store, this.key);
  }

  /** Bought stays bought when it is looked at again. */
  note(itemId: string, title: string, kind: RecentKind): void {
    const before = this.deeds().find((deed) => deed.itemId === itemId);
    const strongest = before && STRENGTH[before.kind] > STRENGTH[kind] ? before.kind : kind;
    const others = this.deeds().filter((deed) => deed.itemId !== itemId);
    const deed = { itemId, title, kind: strongest, similar: before?.similar ?? [] };
    this.store.write(this.key, [deed, ...others].slice(0, MAX_DEEDS));
  }

  noteSimilar(itemId: string, similar: string[]): void {
    this.store.write(
      this.key,
      this.deeds().map((deed) => (deed.itemId === itemId ? { ...deed, similar } : deed)),
    );
  }
}
