/**
 * A queue of events for the collector. Pages do not wait for it. An event that was not acknowledged is sent again with the
 * same event_id, also by the next page or another tab, because the queue is kept in the store.
 * An invalid event is dropped alone, even when the collector refuses the whole batch because of it.
 */

import type { ClientEvent } from "./recommndr.ts";
import { readArray, type Store } from "./store.ts";

export interface Sent {
  status: number;
  /** One status per event where the answer has them. */
  outcomes: number[];
  retryAfterS: number;
}

export type Send = (events: ClientEvent[]) => Promise<Sent>;
export type Acknowledged = (events: ClientEvent[]) => void;

const MAX_WAITING = 500; // the oldest are dropped: a long outage must not fill the browser's storage
const MAX_BATCH = 50;
// 64 KiB is the limit of a keepalive request and of the platform for browsers.
const MAX_BATCH_BYTES = 60_000;
const GATHER_MS = 40;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

export class EventQueue {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  private retryMs = FIRST_RETRY_MS;
  private waitingForRetry = false;
  private atOnce = MAX_BATCH;

  constructor(
    private readonly store: Store,
    private readonly key: string,
    private readonly send: Send,
    private readonly acknowledged: Acknowledged = () => {},
  ) {}

  /** Adds an event; it is sent 40 ms later, together with those added meanwhile. */
  add(event: ClientEvent): void {
    this.store.write(this.key, [...this.waiting(), event].slice(-MAX_WAITING));
    if (!this.waitingForRetry) this.schedule(GATHER_MS);
  }

  /** Sends waiting events, for example after a reload. */
  resume(): void {
    if (this.waiting().length > 0) this.schedule(0);
  }

  /** The next batch, for `sendOnLeave`. It stays in the queue, because its acknowledgement is not read. */
  beaconBatch(): ClientEvent[] {
    return firstOf(this.waiting(), this.atOnce);
  }

  waiting(): ClientEvent[] {
    return readArray<ClientEvent>(this.store, this.key);
  }

  private schedule(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), afterMs);
  }

  private async flush(): Promise<void> {
    const batch = firstOf(this.waiting(), this.atOnce);
    if (this.sending || batch.length === 0) return;
    this.sending = true;
    const sent = await this.send(batch).catch(() => NO_ANSWER);
    this.sending = false;
    if (batch.length > 1 && isRefusedAsAWhole(sent)) {
      this.atOnce = Math.ceil(batch.length / 2);
      this.schedule(0);
      return;
    }
    this.atOnce = Math.min(this.atOnce * 2, MAX_BATCH);
    const verdicts = batch.map((_, place) => verdictOn(sent, place));
    this.remove(batch.filter((_, place) => verdicts[place] !== "later"));
    const accepted = batch.filter((_, place) => verdicts[place] === "accepted");
    if (accepted.length > 0) this.acknowledged(accepted);
    this.goOn(verdicts.includes("later"), sent.retryAfterS);
  }

  private goOn(failed: boolean, retryAfterS: number): void {
    this.waitingForRetry = failed;
    if (failed) {
      // Jitter, so that not all pages of a shop retry at the same moment.
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

const NO_ANSWER: Sent = { status: 0, outcomes: [], retryAfterS: 0 };
const UTF8 = new TextEncoder();

/** The first events that fit into one request, at least one. */
function firstOf(events: ClientEvent[], atMost: number): ClientEvent[] {
  let bytes = 2;
  const tooMany = events.findIndex((event, place) => {
    bytes += UTF8.encode(JSON.stringify(event)).length + 1;
    return place > 0 && (place >= atMost || bytes > MAX_BATCH_BYTES);
  });
  return tooMany < 0 ? events : events.slice(0, tooMany);
}

/** The body is invalid and the answer does not say which event: smaller batches find it. */
function isRefusedAsAWhole({ status }: Sent): boolean {
  return status === 400 || status === 413 || status === 422;
}

function verdictOn(sent: Sent, place: number): "accepted" | "refused" | "later" {
  if (sent.status === 202) return "accepted";
  if (sent.status !== 207) return isRefusedAsAWhole(sent) ? "refused" : "later"; // any other status does not judge the events
  const status = sent.outcomes[place] ?? 0;
  if (status === 202) return "accepted";
  const unknown = status < 400 || status === 401 || status === 408 || status === 429 || status >= 500;
  return unknown ? "later" : "refused";
}
