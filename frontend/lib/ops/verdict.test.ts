import { describe, expect, it } from "vitest";

import { alert, figures, STABLE, tenant, underWay, verdict } from "./console.test-data";
import { overall } from "./verdict";

describe("the verdict line", () => {
  it("says that all is well, and what goes on", () => {
    expect(overall(figures()).headline).toBe("All well. No release is under way.");
    expect(overall(figures({ tenants: [underWay()] })).headline).toBe("All well. Grocer: version 2 is at 10 %.");
    const two = [underWay(), underWay({ tenant: "toys" })];
    expect(overall(figures({ tenants: two })).headline).toBe("All well. 2 releases are under way.");
  });

  it("names what is most severe first, and counts what needs somebody apart from what is to look at", () => {
    const alerts = [alert({}), alert({ name: "SlotDown", severity: "critical" })];
    const told = overall(figures({ alerts }));
    expect(told.headline).toBe("One thing needs you now, and 1 to look at.");
    expect(told.concerns.map((concern) => concern.about)).toEqual(["SlotDown", "FreshnessSlow"]);
    expect(told.concerns[1]?.link).toEqual({ href: "/ops/runbooks/FreshnessSlow", text: "Runbook" });
  });

  it("leaves out alerts that are pending, silenced, or follow from another", () => {
    for (const quiet of [{ state: "pending" }, { muted: "silence" }, { muted: "other_alert" }] as const)
      expect(overall(figures({ alerts: [alert({ severity: "critical", ...quiet })] })).weight).toBe("good");
  });

  it("never says that all is well without Prometheus", () => {
    const told = overall(figures({ prometheus_reached: false, alerts: [] }));
    expect(told.weight).toBe("bad");
    expect(told.concerns[0]?.told).toContain("no release goes on");
  });

  it("says what a failing rule did by its consequence, and nothing of one that is only shown", () => {
    const failing = (consequence: "act" | "alert" | "observe") =>
      overall(figures({ tenants: [underWay({ verdicts: [verdict({ health: "failing", consequence })] })] }));
    expect(failing("act").weight).toBe("bad");
    expect(failing("act").concerns[0]?.told).toContain("Traffic goes back by itself");
    expect(failing("alert").weight).toBe("warn");
    expect(failing("alert").concerns[0]?.told).toContain("held");
    expect(failing("observe").weight).toBe("good");
  });

  it("tells of paused releases, of versions taken back, and of traffic to a slot that has not loaded", () => {
    const of = (one: Parameters<typeof underWay>[0]) => overall(figures({ tenants: [tenant(one)] }));
    expect(overall(figures({ tenants: [underWay({ paused: true })] })).concerns[0]?.told).toContain("resume it");
    const step = { at: "2026-11-30T05:00:00Z", phase: "ROLLED_BACK" as const, reason: "too slow", by: "rollout" };
    expect(of({ phase: "ROLLED_BACK", last_step: step }).concerns[0]?.told).toBe("rolled back: too slow.");
    expect(of({ slots: [{ ...STABLE, loaded_version: null }] }).weight).toBe("bad");
  });

  it("tells of a slot that is down once, also while its alert fires", () => {
    const slots = [{ slot: "green" as const, up: false, memory_bytes: null }];
    expect(overall(figures({ slots })).concerns.map((concern) => concern.about)).toEqual(["Slot green"]);
    const alerts = [alert({ name: "SlotDown", severity: "critical", labels: { slot: "green" } })];
    expect(overall(figures({ slots, alerts })).concerns).toHaveLength(1);
  });
});
