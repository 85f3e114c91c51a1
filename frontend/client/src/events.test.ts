import { describe, expect, test } from "vitest";
import { type EventContext, interaction, lineOf, search } from "./events.ts";
import { product } from "./making.test-data.ts";

const context: EventContext = {
  userId: "u",
  sessionId: () => "s",
  device: "desktop",
  page: () => `/${"😀".repeat(3_000)}`,
};

describe("an event", () => {
  test("cuts texts by code points, as the collector accepts them", () => {
    const { query } = search(context, `a${"😀".repeat(600)}`) as { query: string };
    expect(Array.from(query).length).toBe(512);
    expect(query).not.toMatch(/\p{Surrogate}/u);
    const page = interaction(context, "view", [], null).context?.page ?? "";
    expect(Array.from(page).length).toBe(2_048);
    expect(page).not.toMatch(/\p{Surrogate}/u);
  });

  test("carries the id of the visit at that moment", () => {
    let visit = "first";
    const told = { ...context, sessionId: () => visit };
    expect(search(told, "tea").session_id).toBe("first");
    visit = "second";
    expect(search(told, "tea").session_id).toBe("second");
  });

  test("has no price if the product has none", () => {
    expect(lineOf(product("a", null))).toEqual({ item_id: "a" });
    expect(lineOf(product("a", 250), { quantity: 2 })).toEqual({
      item_id: "a",
      price_minor: 250,
      currency: "EUR",
      quantity: 2,
    });
  });
});
