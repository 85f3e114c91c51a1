import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut } from "./text.ts";

const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constant("\ud83d")),
});

describe("a text that is cut", () => {
  test("has at most the given number of code points, all whole", () => {
    fc.assert(
      fc.property(anyText, fc.nat(20), (text, length) => {
        const short = cut(text, length);
        expect(Array.from(short).length).toBeLessThanOrEqual(length);
        expect(short).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  test("is the beginning of the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, length) => {
        expect(text.startsWith(cut(text, length))).toBe(true);
        expect(cut(text, 1_000)).toBe(text);
      }),
    );
  });

  test("keeps an emoji whole or not at all", () => {
    expect(cut("ab😀", 3)).toBe("ab😀");
    expect(cut("ab😀", 2)).toBe("ab");
    expect(cut("ab\ud83d", 3)).toBe("ab\ufffd");
  });
});
