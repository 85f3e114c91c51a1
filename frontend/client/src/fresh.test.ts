import { describe, expect, test } from "vitest";
import { freshList, looksTheSame } from "./fresh.ts";
import { list } from "./making.test-data.ts";

function platform(...known: (number | null)[]) {
  let n = 0;
  return {
    ask: async () => list(["a"], known[Math.min(n++, known.length - 1)] ?? null),
    asked: () => n,
  };
}

const atOnce = async () => {};

describe("a fresh list", () => {
  test("is requested until it contains the latest events", async () => {
    const { ask, asked } = platform(3, 3, 5);
    expect((await freshList(ask, 5, atOnce)).nEvents).toBe(5);
    expect(asked()).toBe(3);
  });

  test("is the last answer when it never contains them, or does not say", async () => {
    expect((await freshList(platform(3).ask, 5, atOnce)).nEvents).toBe(3);
    const silent = platform(null);
    await freshList(silent.ask, 5, atOnce);
    expect(silent.asked()).toBe(1);
  });
});

test("two lists look the same by items and order, not by their ids", () => {
  expect(looksTheSame(list(["a", "b"], 1, "r1"), list(["a", "b"], 2, "r2"))).toBe(true);
  expect(looksTheSame(list(["a", "b"]), list(["b", "a"]))).toBe(false);
});
