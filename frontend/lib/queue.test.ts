import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { event } from "./making.test-data";
import { EventQueue, type Sent } from "./queue";
import type { ClientEvent } from "./recommndr";
import { MemoryStore } from "./store";

const all = (status: number, n: number): Sent => ({ status: 207, outcomes: Array(n).fill(status), retryAfterS: 0 });

/** A collector that answers as told and remembers what it was sent. */
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
  test("sends what comes together as one batch, in its order, and forgets what was acknowledged", async () => {
    const { send, sent } = collector(accepts);
    const heard: ClientEvent[] = [];
    const queue = new EventQueue(new MemoryStore(), "q", send, (events) => heard.push(...events));
    for (const n of [1, 2, 3]) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([[event(1).event_id, event(2).event_id, event(3).event_id]]);
    expect(queue.waiting()).toEqual([]);
    expect(heard).toEqual([event(1), event(2), event(3)]);
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

  test("waits while it waits: new events do not hurry a collector in trouble", async () => {
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

  test("keeps of a batch what is unknown and drops what will never be accepted", async () => {
    const { send, sent } = collector(() => ({ status: 207, outcomes: [202, 400, 503], retryAfterS: 0 }), accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    for (const n of [1, 2, 3]) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(100);
    expect(queue.waiting()).toEqual([event(3)]);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(sent[1]).toEqual([event(3).event_id]);
  });

  test("is gone on with by the next page", async () => {
    const store = new MemoryStore();
    const first = new EventQueue(store, "q", collector("away").send);
    first.add(event(1));
    await vi.advanceTimersByTimeAsync(100);
    const { send, sent } = collector(accepts);
    new EventQueue(store, "q", send).resume();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([[event(1).event_id]]);
  });

  test("is bounded: the oldest go first", () => {
    const queue = new EventQueue(new MemoryStore(), "q", collector("away").send);
    for (let n = 0; n < 510; n++) queue.add(event(n));
    expect(queue.waiting().length).toBe(500);
    expect(queue.waiting()[0]).toEqual(event(10));
  });

  test("sends a long backlog in batches that a leaving page could send too", async () => {
    const { send, sent } = collector(accepts);
    const queue = new EventQueue(new MemoryStore(), "q", send);
    for (let n = 0; n < 120; n++) queue.add(event(n));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map((batch) => batch.length)).toEqual([50, 50, 20]);
    expect(JSON.stringify(Array(50).fill(event(1))).length).toBeLessThan(64_000);
  });
});
