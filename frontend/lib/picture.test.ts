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
        expect(MOTIFS[drawing.motif].length).toBeGreaterThan(1);
        expect(drawing.hue).toSatisfy((hue: number) => hue >= 0 && hue < 360);
        expect(drawing.lightness).toSatisfy((light: number) => light > 0.3 && light < 1);
        expect(drawing.disc.r).toBeGreaterThan(0);
      }),
    );
  });

  test.each([
    ["Fluid milk white only, 1 GA", ["GROCERY", "FLUID MILK PRODUCTS"], "carton"],
    ["Bananas, 40 lb", ["PRODUCE", "TROPICAL FRUIT", "BANANAS"], "banana"],
    ["Primal", ["MEAT", "BEEF"], "meat"],
    ["Alderhaven Slim Leather Running Shoe, black", ["Shoes", "Sneakers", "Running Shoe"], "shoe"],
    ["Alderhaven Light Denim Hoodie, terracotta", ["Men", "Knitwear", "Hoodie"], "shirt"],
    ["Birkmark Light Aloe Sun Cream, sand", ["Beauty", "Skin", "Sun Cream"], "tube"],
    ["Nordwick Soft Wool Throw, sage", ["Home", "Textiles", "Throw"], "cushion"],
  ])("of %s shows what it is", (title, path, motif) => {
    expect(drawingOf(path, title).motif).toBe(motif);
  });

  test("takes no word of the language for a colour", () => {
    expect(drawingOf(["Home"], "Vase, constructor").lightness).toBeTypeOf("number");
  });

  test("has the colour that the title names", () => {
    const lightnessOf = (colour: string) => drawingOf(["Home"], `Plain Vase, ${colour}`).lightness;
    expect(lightnessOf("white")).toBeGreaterThan(lightnessOf("navy"));
  });
});
