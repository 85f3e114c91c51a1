import { describe, expect, test } from "vitest";
import { interaction, lineOf, search, type Teller } from "./events.ts";
import { product } from "./making.test-data.ts";

const teller: Teller = { userId: "u", sessionId: () => "s", device: "desktop", page: () => `/${"😀".repeat(3_000)}` };

describe("an event", () => {
  test("has texts that the collector accepts: so many code points, none of them half", () => {
    const { query } = search(teller, `a${"😀".repeat(600)}`) as { query: string };
    expect(Array.from(query).length).toBe(512);
    expect(query).not.toMatch(/\p{Surrogate}/u);
    const page = interaction(teller, "view", [], null).context?.page ?? "";
    expect(Array.from(page).length).toBe(2_048);
    expect(page).not.toMatch(/\p{Surrogate}/u);
  });

  test("names the visit that goes on at that moment", () => {
    let visit = "first";
    const told = { ...teller, sessionId: () => visit };
    expect(search(told, "tea").session_id).toBe("first");
    visit = "second";
    expect(search(told, "tea").session_id).toBe("second");
  });

  test("has no price where the product has none", () => {
    expect(lineOf(product("a", null))).toEqual({ item_id: "a" });
    expect(lineOf(product("a", 250), { quantity: 2 })).toEqual({
      item_id: "a",
      price_minor: 250,
      currency: "EUR",
      quantity: 2,
    });
  });
});
