/** The shopper's recent actions in this browser and the items similar to them: reasons name them. */

import { readArray, type Store } from "./store.ts";

export type RecentKind = "view" | "add_to_cart" | "purchase";

export interface RecentAction {
  itemId: string;
  title: string;
  kind: RecentKind;
  /** Ids of similar items; empty until the platform was asked for them. */
  similar: string[];
}

const MAX_ACTIONS = 12;
const STRENGTH: Record<RecentKind, number> = { view: 0, add_to_cart: 1, purchase: 2 };

export class Recent {
  constructor(
    private readonly store: Store,
    private readonly key: string,
  ) {}

  /** Newest first. */
  actions(): RecentAction[] {
    return readArray<RecentAction>(this.store, this.key);
  }

  /** Notes an action; a later view of a bought item leaves it bought. */
  note(itemId: string, title: string, kind: RecentKind): void {
    const before = this.actions().find((action) => action.itemId === itemId);
    const strongest = before && STRENGTH[before.kind] > STRENGTH[kind] ? before.kind : kind;
    const others = this.actions().filter((action) => action.itemId !== itemId);
    const action = { itemId, title, kind: strongest, similar: before?.similar ?? [] };
    this.store.write(this.key, [action, ...others].slice(0, MAX_ACTIONS));
  }

  noteSimilar(itemId: string, similar: string[]): void {
    this.store.write(
      this.key,
      this.actions().map((action) => (action.itemId === itemId ? { ...action, similar } : action)),
    );
  }
}
