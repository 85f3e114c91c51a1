import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Polled, poll } from "./poll";

const told: Polled<number>[] = [];
let watched = true;

function start(ask: () => Promise<number>): () => void {
  return poll({
    ask,
    tell: (polled) => told.push(polled),
    everyMs: 1000,
    timeoutMs: 500,
    now: Date.now,
    watched: () => watched,
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 5 });
  told.length = 0;
  watched = true;
});
afterEach(() => vi.useRealTimers());

describe("a poll", () => {
  it("asks at once and then after each interval", async () => {
    let asked = 0;
    const end = start(async () => ++asked);
    await vi.advanceTimersByTimeAsync(2500);
    expect(told.map((polled) => polled.value)).toEqual([1, 2, 3]);
    end();
  });

  it("keeps the last answer while the next ones fail, and says why", async () => {
    const answers = [7, new Error("away"), 8];
    const end = start(async () => {
      const next = answers.shift();
      if (typeof next === "number") return next;
      throw next;
    });
    await vi.advanceTimersByTimeAsync(2500);
    expect(told).toEqual([
      { value: 7, at: 5, problem: null },
      { value: 7, at: 5, problem: "away" },
      { value: 8, at: 2005, problem: null },
    ]);
    end();
  });

  it("never asks a second question before the first is answered", async () => {
    const ask = vi.fn(() => new Promise<number>(() => {}));
    const end = start(ask);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(1);
    end();
  });

  it("asks nothing while nobody looks, and goes on when somebody does", async () => {
    watched = false;
    const ask = vi.fn(async () => 1);
    const end = start(ask);
    await vi.advanceTimersByTimeAsync(3000);
    expect(ask).not.toHaveBeenCalled();
    watched = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(ask).toHaveBeenCalledTimes(1);
    end();
  });

  it("tells nothing once it has ended", async () => {
    const end = start(async () => 1);
    end();
    await vi.advanceTimersByTimeAsync(3000);
    expect(told).toEqual([]);
  });
});
