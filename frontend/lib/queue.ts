/**
 * Events on their way to the collector. Nothing waits for them; what was not acknowledged is sent again with the same
 * event_id, also by the next page or another tab: the store is the queue, and a repeat is the same event.
 */

import type { ClientEvent } from "./recommndr";
import { readArray, type Store } from "./store";

export interface Sent {
  status: number;
  /** One status per event where the answer has them. */
  outcomes: number[];
  retryAfterS: number;
}

export type Send = (events: ClientEvent[]) => Promise<Sent>;
export type Acknowledged = (events: ClientEvent[]) => void;

const MAX_WAITING = 500; // beyond, the oldest go: a shop that is cut off for long must not fill the browser
const MAX_BATCH = 50; // stays below the 64 KB that a page may send while it goes
const GATHER_MS = 40;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

export class EventQueue {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  private retryMs = FIRST_RETRY_MS;
  private waitingForRetry = false;

  constructor(
    private readonly store: Store,
    private readonly key: string,
    private readonly send: Send,
    private readonly acknowledged: Acknowledged = () => {},
  ) {}

  /** Takes an event; it is sent a moment later together with what came meanwhile. */
  add(event: ClientEvent): void {
    this.store.write(this.key, [...this.waiting(), event].slice(-MAX_WAITING));
    if (!this.waitingForRetry) this.schedule(GATHER_MS);
  }

  /** Sends what waits, for example after a reload. */
  resume(): void {
    if (this.waiting().length > 0) this.schedule(0);
  }

  /** The next batch for a page that goes: it may arrive, and is sent again if nobody heard that it did. */
  lastWords(): ClientEvent[] {
    return this.waiting().slice(0, MAX_BATCH);
  }

  waiting(): ClientEvent[] {
    return readArray<ClientEvent>(this.store, this.key);
  }

  private schedule(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), afterMs);
  }

  private async flush(): Promise<void> {
    const batch = this.waiting().slice(0, MAX_BATCH);
    if (this.sending || batch.length === 0) return;
    this.sending = true;
    const sent = await this.send(batch).catch(() => undefined);
    this.sending = false;
    const done = batch.filter((_, place) => !mayBeSentAgain(sent, place));
    this.remove(done);
    const accepted = batch.filter((_, place) => statusOf(sent, place) === 202);
    if (accepted.length > 0) this.acknowledged(accepted);
    this.goOn(done.length < batch.length, sent?.retryAfterS ?? 0);
  }

  private goOn(failed: boolean, retryAfterS: number): void {
    this.waitingForRetry = failed;
    if (failed) {
      // Some chance in it: all pages of a shop must not come back in the same moment.
      this.schedule(Math.max(this.retryMs * (0.5 + Math.random() / 2), retryAfterS * 1000));
      this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
      return;
    }
    this.retryMs = FIRST_RETRY_MS;
    this.resume();
  }

  private remove(events: ClientEvent[]): void {
    if (events.length === 0) return;
    const gone = new Set(events.map((event) => event.event_id));
    this.store.write(
      this.key,
      this.waiting().filter((event) => !gone.has(event.event_id)),
    );
  }
}

function statusOf(sent: Sent | undefined, place: number): number {
  if (!sent) return 0;
  return sent.status === 207 ? (sent.outcomes[place] ?? 0) : sent.status;
}

/** No answer, "unknown", too many, and a token that was refused: later it may go well. Anything else never will. */
function mayBeSentAgain(sent: Sent | undefined, place: number): boolean {
  const status = statusOf(sent, place);
  return status === 0 || status === 401 || status === 408 || status === 429 || status >= 500;
}
