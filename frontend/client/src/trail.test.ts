import { describe, expect, test } from "vitest";
import { MemoryStore } from "./store.ts";
import { Trail } from "./trail.ts";

const DAY_MS = 24 * 3_600_000;

describe("the trail", () => {
  test("returns the token of the newest list that led to any of the items", () => {
    const trail = new Trail(new MemoryStore(), "t");
    trail.follow("a", "first");
    trail.follow("b", "second");
    expect(trail.tokenOf(["a"])).toBe("first");
    expect(trail.tokenOf(["b", "a"])).toBe("second");
    trail.follow("a", "third");
    expect(trail.tokenOf(["b", "a"])).toBe("third");
    expect(trail.tokenOf(["c"])).toBeNull();
  });

  test("is not changed by a list without a token", () => {
    const trail = new Trail(new MemoryStore(), "t");
    trail.follow("a", "first");
    trail.follow("a", null);
    expect(trail.tokenOf(["a"])).toBe("first");
  });

  test("survives the page and ends with the token's life", () => {
    const store = new MemoryStore();
    let nowMs = 0;
    new Trail(store, "t", () => nowMs).follow("a", "first");
    const later = new Trail(store, "t", () => nowMs);
    nowMs = 6.9 * DAY_MS;
    expect(later.tokenOf(["a"])).toBe("first");
    nowMs = 7 * DAY_MS;
    expect(later.tokenOf(["a"])).toBeNull();
  });

  test("is bounded", () => {
    const store = new MemoryStore();
    const trail = new Trail(store, "t");
    for (let n = 0; n < 300; n++) trail.follow(`i${n}`, `t${n}`);
    expect(store.read("t")).toHaveLength(200);
    expect(trail.tokenOf(["i99"])).toBeNull();
    expect(trail.tokenOf(["i299"])).toBe("t299");
  });
});
