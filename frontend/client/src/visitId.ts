/** The `session_id` of events: one per visit, over all its pages and tabs. A visit ends after half an hour without an action. */

import type { Store } from "./store.ts";

const IDLE_MS = 30 * 60_000;

interface Kept {
  id: string;
  lastMs: number;
}

export class VisitId {
  constructor(
    private readonly store: Store,
    private readonly key: string,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** The id of the current visit; a new id if the last visit has ended. */
  current(): string {
    const lastMs = this.nowMs();
    const kept = this.store.read(this.key);
    const id = isKept(kept) && lastMs - kept.lastMs < IDLE_MS ? kept.id : crypto.randomUUID();
    this.store.write(this.key, { id, lastMs });
    return id;
  }
}

function isKept(value: unknown): value is Kept {
  const kept = value as Partial<Kept> | null | undefined;
  return typeof kept?.id === "string" && kept.id !== "" && typeof kept.lastMs === "number";
}
