import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { event } from "./making.test-data.ts";
import { EventQueue, type Sent } from "./queue.ts";
import type { ClientEvent } from "./recommndr.ts";
import { MemoryStore } from "./store.ts";

const all = (status: number, n: number): Sent => ({ status: 207, outcomes: Array(n).fill(status), retryAfterS: 0 });

/** A collector with given answers that records what it was sent. */
function collector(...answers: (((events: ClientEvent[]) => Sent) | "away")[]) {
  const sent: string[][] = [];
  const send = async (events: ClientEvent[]): Promise<Sent> => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(events.map((each) => each.event_id));
    if (answer === "away" || !answer) throw new TypeError("failed to fetch");
    return answer(events);
  };
  return { send, sent };
}

const accepts = (events: ClientEvent[]) => all(202, events.length);
const unknown = (): Sent => ({ status: 503, outcomes: [], retryAfterS: 1 });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the event queue", () => {
  test("sends events that come together as one batch, in order, and removes the acknowledged ones", async () => {
    const { send, sent } = collector(accepts);
    const acknowledged: ClientEvent[] = [];
    const queue = new EventQueue(new MemoryStore(), "q", send, (events) => acknowledged.push(...events));
    for (const n of [1, 2, 3]) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([[event(1).event_id, event(2).event_id, event(3).event_id]]);
    expect(queue.waiting()).toEqual([]);
    expect(acknowledged).toEqual([event(1), event(2), event(3)]);
  });

  test.each([
    ["a failed connection", "away" as const],
    ["a 503", unknown],
  ])("sends the same event_id again after %s, later and later", async (_, fails) => {
    const { send, sent } = collector(fails, fails, accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    queue.add(event(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(sent.length).toBe(2);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(sent).toEqual([[event(1).event_id], [event(1).event_id], [event(1).event_id]]);
    expect(queue.waiting()).toEqual([]);
  });

  test("does not retry earlier when new events come", async () => {
    const { send, sent } = collector("away", accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    queue.add(event(1));
    await vi.advanceTimersByTimeAsync(100);
    queue.add(event(2));
    await vi.advanceTimersByTimeAsync(300);
    expect(sent.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent[1]).toEqual([event(1).event_id, event(2).event_id]);
  });

  test("keeps events without a verdict and drops those that will never be accepted", async () => {
    const { send, sent } = collector(() => ({ status: 207, outcomes: [202, 400, 503], retryAfterS: 0 }), accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    for (const n of [1, 2, 3]) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(100);
    expect(queue.waiting()).toEqual([event(3)]);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(sent[1]).toEqual([event(3).event_id]);
  });

  test("drops the one invalid event, wherever it is in its batch and however the collector refuses it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(59), { maxLength: 4 }),
        fc.constantFrom(400, 413, 422),
        async (bad, status) => {
          const accepted: string[] = [];
          const isBad = (each: ClientEvent) => bad.some((n) => event(n).event_id === each.event_id);
          const queue = new EventQueue(new MemoryStore(), "q", async (events) => {
            if (events.some(isBad)) return { status, outcomes: [], retryAfterS: 0 };
            accepted.push(...events.map((each) => each.event_id));
            return all(202, events.length);
          });
          for (let n = 0; n < 60; n++) queue.add(event(n));
          await vi.advanceTimersByTimeAsync(1_000);
          expect(queue.waiting()).toEqual([]);
          expect(accepted).toEqual(
            Array.from({ length: 60 }, (_, n) => n)
              .filter((n) => !bad.includes(n))
              .map((n) => event(n).event_id),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([401, 403, 404, 429, 500, 502])("keeps everything when the request is refused with %i", async (status) => {
    const { send } = collector(() => ({ status, outcomes: [], retryAfterS: 0 }), accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    queue.add(event(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(queue.waiting()).toEqual([event(1)]);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(queue.waiting()).toEqual([]);
  });

  test("keeps beacon batches below the size limit, however long the events are", async () => {
    const long = (n: number): ClientEvent => ({ ...event(n), attribution: "ä".repeat(1_000) });
    const bytes: number[] = [];
    const queue = new EventQueue(new MemoryStore(), "q", async (events) => {
      bytes.push(new TextEncoder().encode(JSON.stringify(events)).length);
      return all(202, events.length);
    });
    for (let n = 0; n < 50; n++) queue.add(long(n));
    expect(queue.beaconBatch().length).toBeLessThan(50);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(queue.waiting()).toEqual([]);
    expect(Math.max(...bytes)).toBeLessThan(65_536);
  });

  test("is continued by the next page", async () => {
    const store = new MemoryStore();
    const first = new EventQueue(store, "q", collector("away").send);
    first.add(event(1));
    await vi.advanceTimersByTimeAsync(100);
    const { send, sent } = collector(accepts);
    new EventQueue(store, "q", send).resume();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([[event(1).event_id]]);
  });

  test("is bounded: the oldest events are dropped", () => {
    const queue = new EventQueue(new MemoryStore(), "q", collector("away").send);
    for (let n = 0; n < 510; n++) queue.add(event(n));
    expect(queue.waiting().length).toBe(500);
    expect(queue.waiting()[0]).toEqual(event(10));
  });

  test("sends a long backlog in batches that also fit into a beacon", async () => {
    const { send, sent } = collector(accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    for (let n = 0; n < 120; n++) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map((batch) => batch.length)).toEqual([50, 50, 20]);
    expect(JSON.stringify(Array(50).fill(event(1))).length).toBeLessThan(64_000);
  });
});
