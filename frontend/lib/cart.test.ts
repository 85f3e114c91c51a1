import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { product } from "../client/src/making.test-data";
import { add, type Cart, count, MAX_QUANTITY, quantityOf, setQuantity, total } from "./cart";

const EMPTY: Cart = [];
const change = fc.record({ itemId: fc.constantFrom("a", "b", "c"), quantity: fc.integer({ min: -3, max: 200 }) });
const carts = fc
  .array(change)
  .map((changes) =>
    changes.reduce((cart, { itemId, quantity }) => setQuantity(cart, product(itemId), quantity), EMPTY),
  );

describe("a cart", () => {
  test("holds each item once, with a quantity within the limits", () => {
    fc.assert(
      fc.property(carts, (cart) => {
        const ids = cart.map((line) => line.product.item_id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const line of cart) expect(line.quantity).toSatisfy((n: number) => n >= 1 && n <= MAX_QUANTITY);
      }),
    );
  });

  test("has the quantity that was set, and nothing else changes", () => {
    fc.assert(
      fc.property(carts, change, (cart, { itemId, quantity }) => {
        const after = setQuantity(cart, product(itemId), quantity);
        expect(quantityOf(after, itemId)).toBe(Math.max(0, Math.min(quantity, MAX_QUANTITY)));
        for (const other of cart) {
          if (other.product.item_id !== itemId) expect(after).toContain(other);
        }
      }),
    );
  });

  test("is as before when an added item is removed again", () => {
    fc.assert(
      fc.property(carts, (cart) => {
        const before = cart.filter((line) => line.product.item_id !== "z");
        expect(setQuantity(add(before, product("z"), 2), product("z"), 0)).toEqual(before);
      }),
    );
  });

  test("costs the sum of its lines; an item without a price adds nothing", () => {
    const cart = add(add(add(EMPTY, product("a", 250), 2), product("b", 99)), product("c", null), 5);
    expect(total(cart)).toBe(599);
    expect(count(cart)).toBe(8);
  });
});
