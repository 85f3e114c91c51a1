import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minorPerUnit, parsePrice, price } from "./money";

describe("a price", () => {
  test("reads as people write it in its currency", () => {
    expect(price(1295, "EUR")).toBe("€12.95");
    expect(price(5, "USD")).toBe("$0.05");
    expect(price(1295, "JPY")).toBe("¥1,295");
    expect(price(12955, "KWD")).toMatch(/12\.955/);
  });

  test("that is typed in units is the same price in minor units", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom("EUR", "JPY", "KWD"), (minor, currency) => {
        expect(parsePrice(String(minor / minorPerUnit(currency)), currency)).toBe(minor);
      }),
    );
  });

  test("may be typed with a comma, and is undefined when it is not a number", () => {
    expect(parsePrice("3,50", "EUR")).toBe(350);
    for (const text of ["", "  ", "cheap", "-1", "1e999"]) expect(parsePrice(text, "EUR")).toBeUndefined();
  });
});
