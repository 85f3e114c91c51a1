import { describe, expect, it } from "vitest";

import { htmlOf } from "./runbook";
import { pageOf } from "./runbookPage";

describe("a runbook", () => {
  it("is found by its path, and by its neighbours' links", () => {
    expect(pageOf("monitoring/runbooks/SlotDown.md")).toBe("/ops/runbooks/SlotDown");
    expect(pageOf("README.md#commands")).toBe("/ops/runbooks/README#commands");
    expect(pageOf("javascript:alert(1)")).toBeNull();
  });

  it("leads to other runbooks, and names other files of the repository", () => {
    const html = htmlOf("See [memory](MemoryGrowing.md) or [settings](../../docs/settings.md).");
    expect(html).toContain('<a href="/ops/runbooks/MemoryGrowing">memory</a>');
    expect(html).toContain("settings (<code>docs/settings.md</code>)");
  });

  it("has headings to link to and tables to read", () => {
    const html = htmlOf("## How to look\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n");
    expect(html).toContain('<h2 id="how-to-look">How to look</h2>');
    expect(html).toContain("<td><code>2</code></td>");
  });
});
