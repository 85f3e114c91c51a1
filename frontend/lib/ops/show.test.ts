import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { age, bytes, duration, NOTHING, percent, rate, tone } from "./show";

describe("figures", () => {
  it("show a dash where nothing was measured, never a zero", () => {
    for (const show of [duration, percent, rate, bytes, age]) {
      for (const nothing of [null, undefined, Number.NaN]) expect(show(nothing)).toBe(NOTHING);
    }
    expect(tone(null, 1, 2)).toBe("none");
  });

  it("choose the unit that a person reads", () => {
    expect([0.0042, 0.25, 1.5, 45, 300].map(duration)).toEqual(["4.2 ms", "250 ms", "1.5 s", "45 s", "5 min"]);
    expect([1, 119, 120, 7_200, 200_000].map(age)).toEqual(["1 s", "119 s", "2 min", "2 h", "2 d"]);
    expect([512e6, 1.25e9].map(bytes)).toEqual(["512 MB", "1.3 GB"]);
  });

  it("do not round trouble away", () => {
    expect(percent(0.0004)).toBe("< 0.1 %");
    expect(percent(0.9996)).toBe("> 99.9 %");
    expect(rate(0.01)).toBe("< 0.1");
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (ratio) => {
        expect(["0 %", "0.0 %", "100 %", "100.0 %"]).not.toContain(percent(ratio));
      }),
    );
  });

  it("grow worse in tone as they grow", () => {
    const order = ["good", "warn", "bad"];
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(order.indexOf(tone(low, 1, 2))).toBeLessThanOrEqual(order.indexOf(tone(high, 1, 2)));
        },
      ),
    );
  });
});
