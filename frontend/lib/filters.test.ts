import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOf, type Filters, filtersOf, isSearch } from "./filters";

const text = fc.string({ minLength: 1, maxLength: 100 }).filter((value) => value.trim() === value);
const minor = fc.integer({ min: 0, max: 1_000_000 });
const filters: fc.Arbitrary<Filters> = fc.record(
  { q: text, category: fc.array(text, { minLength: 1, maxLength: 8 }), brand: text, priceMin: minor, priceMax: minor },
  { requiredKeys: [] },
);

const roundTrip = (value: Filters) => filtersOf(new URL(addressOf(value), "http://shop").searchParams);

describe("filters", () => {
  test("survive the address bar", () => {
    fc.assert(
      fc.property(filters, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  test("that are empty give the plain address", () => {
    expect(addressOf({})).toBe("/");
    expect(addressOf({ q: "", brand: undefined })).toBe("/");
  });

  test("that are invalid in an address are ignored", () => {
    expect(filtersOf(new URLSearchParams("min=cheap&max=-3&q=%20&category=Garden&brand="))).toEqual({
      category: ["Garden"],
    });
  });

  test("by category alone need no search", () => {
    expect(isSearch({ category: ["Garden", "Plants"] })).toBe(false);
    expect(isSearch({ priceMin: 0 })).toBe(true);
  });
});
