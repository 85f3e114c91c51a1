import { describe, expect, test } from "vitest";
import { MemoryStore } from "./store.ts";
import { VisitId } from "./visitId.ts";

const MINUTE_MS = 60_000;

describe("the id of a visit", () => {
  test("stays the same over pages and tabs while the shopper is active", () => {
    const store = new MemoryStore();
    let nowMs = 0;
    const first = new VisitId(store, "v", () => nowMs).current();
    for (let page = 0; page < 5; page++) {
      nowMs += 29 * MINUTE_MS;
      expect(new VisitId(store, "v", () => nowMs).current()).toBe(first);
    }
  });

  test("changes after half an hour without an action", () => {
    let nowMs = 0;
    const visit = new VisitId(new MemoryStore(), "v", () => nowMs);
    const first = visit.current();
    nowMs = 30 * MINUTE_MS;
    expect(visit.current()).not.toBe(first);
  });

  test("belongs to one shopper", () => {
    const store = new MemoryStore();
    expect(new VisitId(store, "anna").current()).not.toBe(new VisitId(store, "ben").current());
  });

  test.each([null, 7, { id: "" }, { id: "x" }, []])("is made anew where the store holds %j", (kept) => {
    const store = new MemoryStore();
    store.write("v", kept);
    expect(new VisitId(store, "v").current()).toMatch(/^[0-9a-f-]{36}$/);
  });
});
