import { expect, test } from "vitest";
import { readable } from "./naming";

test.each([
  ["HAIR CARE PRODUCTS", "Hair care products"],
  ["BAKED BREAD/BUNS/ROLLS", "Baked bread / buns / rolls"],
  ["MEAT-PCKGD", "Meat - pckgd"],
  ["Smart Home", "Smart Home"],
  ["", ""],
])("%s reads as %s", (name, read) => {
  expect(readable(name)).toBe(read);
});
