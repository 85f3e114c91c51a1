import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MOTIFS } from "./motifs";
import { drawingOf } from "./picture";

describe("a drawing", () => {
  test("is the same for the same product and stays on its square", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.string(), (path, title) => {
        const drawing = drawingOf(path, title);
        expect(drawingOf(path, title)).toEqual(drawing);
        if (drawing.motif !== null) expect(MOTIFS[drawing.motif].length).toBeGreaterThan(1);
        expect(drawing.initial).toMatch(/^\P{Ll}{0,3}$/u);
        expect(drawing.hue).toSatisfy((hue: number) => hue >= 0 && hue < 360);
        expect(drawing.lightness).toSatisfy((light: number) => light > 0.3 && light < 1);
        expect(drawing.disc.r).toBeGreaterThan(0);
      }),
    );
  });

  test.each([
    ["Fluid milk white only, 1 GA", ["GROCERY", "FLUID MILK PRODUCTS"], "carton"],
    ["Bananas, 1 kg", ["Groceries", "Fruit"], "banana"],
    ["Apples, 1 kg", ["Groceries", "Fruit"], "fruit"],
    ["Bananas, 40 lb", ["PRODUCE", "TROPICAL FRUIT", "BANANAS"], "banana"],
    ["Primal", ["MEAT", "BEEF"], "meat"],
    ["Alderhaven Slim Leather Running Shoe, black", ["Shoes", "Sneakers", "Running Shoe"], "shoe"],
    ["Alderhaven Light Denim Hoodie, terracotta", ["Men", "Knitwear", "Hoodie"], "shirt"],
    ["Birkmark Light Aloe Sun Cream, sand", ["Beauty", "Skin", "Sun Cream"], "tube"],
    ["Nordwick Soft Wool Throw, sage", ["Home", "Textiles", "Throw"], "cushion"],
  ])("of %s shows what it is", (title, path, motif) => {
    expect(drawingOf(path, title).motif).toBe(motif);
  });

  test.each([
    ["Advent assortment", ["GROCERY", "SEASONAL"], "S"],
    ["Archive frame, A4", ["Office", "miscellaneous"], "M"],
    ["Umbrella", ["Women", "Rainwear"], "R"],
    ["Umbrella", [], "U"],
    ["Potatoes russet, 5 lb", ["PRODUCE", "POTATOES"], "P"],
    ["Tomatoes grape, pt", ["PRODUCE", "TOMATOES", "GRAPE"], "G"],
    ["Gasoline-reg unleaded", ["MISC", "GASOLINE"], "G"],
    ["Cold cuts", ["DELI", "COLD CUTS"], "C"],
    ["Baking tray", ["Kitchen", "Baking"], "B"],
    ["Rain parka, navy", ["Women", "Jackets"], "J"],
    ["Walnut desk", ["Home", "Tables"], "T"],
    ["7 day trip", ["…", "– 7 days"], "7"],
  ])("of %s is its category's initial, not a picture of something else", (title, path, initial) => {
    expect(drawingOf(path, title)).toMatchObject({ motif: null, initial });
  });

  test("does not take other words for colours", () => {
    expect(drawingOf(["Home"], "Vase, constructor").lightness).toBeTypeOf("number");
  });

  test("has the colour that the title names", () => {
    const lightnessOf = (colour: string) => drawingOf(["Home"], `Plain Vase, ${colour}`).lightness;
    expect(lightnessOf("white")).toBeGreaterThan(lightnessOf("navy"));
  });
});
