import { afterEach, describe, expect, it, vi } from "vitest";

import { placement, STABLE, tenant, underWay, verdict } from "./console.test-data";
import { effect, make, refusal } from "./moves";

afterEach(() => vi.unstubAllGlobals());

function answering(answer: Response) {
  const fetched = vi.fn(async (_path: string, _sent: RequestInit) => answer);
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

describe("a move", () => {
  it("says what it will do with which versions", () => {
    expect(effect(underWay(), "rollback")).toBe(
      "All shoppers go to version 1 at once. Version 2 is barred until somebody lifts the bar.",
    );
    const previous = placement({ slot: "green", role: "previous", model_version: 1 });
    const promoted = tenant({ phase: "PROMOTED", slots: [{ ...STABLE, model_version: 2 }, previous] });
    expect(effect(promoted, "rollback")).toMatch(/^All shoppers go back to version 1 at once. Version 2 is barred/);
    expect(effect(promoted, "start")).toContain("slot green. Version 1 leaves this slot.");
    expect(effect(underWay(), "pause")).toContain("stays at 10 %");
  });

  it("says before a promotion by hand which rules speak against it", () => {
    const verdicts = [verdict({ rule: "ctr", health: "unknown" }), verdict({ rule: "errors" })];
    expect(effect(underWay({ verdicts }), "promote")).toContain("Not known yet: ctr.");
    const worse = [...verdicts, verdict({ rule: "latency", health: "failing" })];
    expect(effect(underWay({ verdicts: worse }), "promote")).toContain("Failing now: latency.");
    const shown = [verdict({ rule: "score_drift", health: "failing", consequence: "observe" })];
    expect(effect(underWay({ verdicts: shown }), "promote")).toContain("All its rules are healthy.");
  });

  it("is refused in the record's words, without the tenant's name before them", () => {
    const refused = tenant({ refused_moves: { pause: "tenant 'grocer': no release is under way (STEADY)" } });
    expect(refusal(refused, "pause")).toBe("No release is under way (STEADY)");
    expect(refusal(refused, "start")).toBeNull();
  });

  it("is asked for with the header that pages of other sites cannot send", async () => {
    const fetched = answering(new Response("{}"));
    await make("grocer", "pause", { reason: "x", by: "ana" });
    const [path, sent] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/ops/rollout/grocer/pause");
    expect(sent?.headers).toMatchObject({ "x-recommndr-console": "1" });
    expect(JSON.parse(String(sent?.body))).toEqual({ reason: "x", by: "ana" });
  });

  it("fails with the server's words, or with its status where it has none", async () => {
    answering(Response.json({ detail: "no release is under way" }, { status: 409 }));
    await expect(make("grocer", "pause", { reason: "x" })).rejects.toThrow("no release is under way");
    answering(new Response("<html>", { status: 502 }));
    await expect(make("grocer", "pause", { reason: "x" })).rejects.toThrow("the server answered 502");
  });
});
