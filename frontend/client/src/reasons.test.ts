import { describe, expect, test } from "vitest";
import { list, place } from "./making.test-data.ts";
import { isPersonal, reasonFor, span } from "./reasons.ts";
import type { RecentAction } from "./recent.ts";

const looked = (title: string, similar: string[], itemId = "x"): RecentAction => ({
  itemId,
  title,
  kind: "view",
  similar,
});

describe("a reason", () => {
  test("names a habit with its time span", () => {
    expect(reasonFor(place("a", ["buy_again"], { orders: 4, daysBetween: 9.2 }), [])).toBe("You buy this every 9 days");
    expect(reasonFor(place("a", ["buy_again"], { orders: 1, daysBetween: null }), [])).toBe("In the platform's words");
  });

  test("names the viewed item when the platform calls the two similar", () => {
    const recent = [looked("Teapot", ["b"]), looked("Kettle", ["a", "b"], "y")];
    expect(reasonFor(place("a", ["co_visits"]), recent)).toBe("Because you looked at Kettle");
    expect(reasonFor(place("b", ["neighbours", "popularity"]), recent)).toBe("Because you looked at Teapot");
    expect(reasonFor(place("b", ["co_visits"]), [{ ...looked("Teapot", ["b"]), kind: "purchase" }])).toBe(
      "Because you bought Teapot",
    );
  });

  test("claims no cause where the answer names none", () => {
    expect(reasonFor(place("a", ["popularity"]), [looked("Teapot", ["a"])])).toBe("In the platform's words");
    expect(reasonFor(place("a", ["co_visits"]), [looked("Teapot", ["b"])])).toBe("In the platform's words");
  });

  test("never explains an item by itself", () => {
    expect(reasonFor(place("a", ["co_visits"]), [looked("Teapot", ["a"], "a")])).toBe("You looked at this");
  });

  test("is personal when one place comes from the shopper's own actions", () => {
    const popular = list(["a", "b"]);
    expect(isPersonal(popular)).toBe(false);
    expect(isPersonal({ ...popular, places: [...popular.places, place("c", ["co_visits"])] })).toBe(true);
    expect(isPersonal({ ...popular, places: [] })).toBe(false);
  });

  test("writes time spans in words", () => {
    expect([1, 9, 14, 30, 90].map(span)).toEqual(["day", "9 days", "2 weeks", "4 weeks", "3 months"]);
  });
});
