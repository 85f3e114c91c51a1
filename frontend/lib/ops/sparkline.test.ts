import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { lastOf, pathOf, topOf } from "./sparkline";

const points = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 30 });

describe("a sparkline", () => {
  it("draws one stroke for each run of measured points, and nothing over a gap", () => {
    expect(pathOf([0, 1, null, 1, 0], 40, 10, 1)).toBe("M0.0 10.0L10.0 0.0M30.0 0.0L40.0 10.0");
    expect(pathOf([null, 1, null], 20, 10, 1)).toBe("M10.0 0.0h1");
    expect(pathOf([null, null], 20, 10, 1)).toBe("");
  });

  it("stays in its box, whatever was measured", () => {
    fc.assert(
      fc.property(points, (line) => {
        const numbers = pathOf(line, 240, 48, topOf([line])).match(/[ML]([\d.]+) ([\d.]+)/g) ?? [];
        expect(numbers).toHaveLength(line.filter((value) => value !== null).length);
        for (const pair of numbers) {
          const [x = -1, y = -1] = pair.slice(1).split(" ").map(Number);
          expect(x >= 0 && x <= 240 && y >= 0 && y <= 48).toBe(true);
        }
      }),
    );
  });

  it("has a round top that no point is above, and a share's is never above 1", () => {
    expect([0.034, 0.0021, 40, 1000].map((value) => topOf([[value]]))).toEqual([0.05, 0.005, 50, 1000]);
    expect(topOf([[0.7]], 1)).toBe(1);
    expect(topOf([])).toBe(1);
    fc.assert(
      fc.property(points, (line) => {
        expect(topOf([line])).toBeGreaterThanOrEqual(Math.max(0, ...line.map((value) => value ?? 0)));
      }),
    );
  });

  it("shows the last value that was measured", () => {
    expect(lastOf([1, 2, null])).toBe(2);
    expect(lastOf([null])).toBeNull();
  });
});
