import { expect, test } from "vitest";
import { Recent } from "./recent.ts";
import { MemoryStore } from "./store.ts";

test("recent actions are newest first, each item once; bought stays bought", () => {
  const recent = new Recent(new MemoryStore(), "r");
  recent.note("a", "A", "purchase");
  recent.noteSimilar("a", ["x"]);
  recent.note("b", "B", "view");
  recent.note("a", "A", "view");
  expect(recent.actions()).toEqual([
    { itemId: "a", title: "A", kind: "purchase", similar: ["x"] },
    { itemId: "b", title: "B", kind: "view", similar: [] },
  ]);
});

test("only twelve are kept", () => {
  const recent = new Recent(new MemoryStore(), "r");
  for (let n = 0; n < 40; n++) recent.note(`i${n}`, "I", "view");
  expect(recent.actions().map((action) => action.itemId)).toEqual(Array.from({ length: 12 }, (_, n) => `i${39 - n}`));
});
