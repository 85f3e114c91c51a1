import { describe, expect, it } from "vitest";

import { tenant, underWay } from "./console.test-data";
import type { Phase } from "./figures";
import { LABELS, standing } from "./phases";

describe("a release's phase", () => {
  it("is a sentence that names the versions", () => {
    expect(standing(tenant())).toBe("Version 1 serves all shoppers.");
    expect(standing(underWay())).toBe("Version 2 has 10 % of the shoppers; version 1 has the others.");
    expect(standing(underWay({ phase: "WARMING" }))).toBe("Version 2 is being loaded; version 1 serves all shoppers.");
  });

  it("has a sentence, whichever it is", () => {
    for (const phase of Object.keys(LABELS) as Phase[]) expect(standing(underWay({ phase }))).toMatch(/^[A-Z].*\.$/);
  });
});
