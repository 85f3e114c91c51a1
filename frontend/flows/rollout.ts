/** Rollout in the browser's routes: figures, series and moves as the flow says; it records what is asked of it. */

import type { BrowserContext, Page, Route } from "@playwright/test";
import type { Alert, Figures, Placement, Series, Tenant, Verdict } from "../lib/ops/figures";
import type { Asked, Move } from "../lib/ops/moves";

const AT = Date.parse("2026-11-30T05:00:00Z");
const ago = (seconds: number) => new Date(AT - 1000 * seconds).toISOString();

function placement(changes: Partial<Placement>): Placement {
  return {
    slot: "blue",
    role: "idle",
    version: null,
    model_version: null,
    loaded_version: changes.version ?? null,
    since_s: null,
    weight_percent: 0,
    requests_per_s: null,
    error_ratio: null,
    p50_s: null,
    p95_s: null,
    p99_s: null,
    ladder_ratio: {},
    quality: null,
    ...changes,
  };
}

const STABLE = placement({
  role: "stable",
  version: "27c816c4ac277f36",
  model_version: 4,
  since_s: AT / 1000 - 86_400,
  weight_percent: 100,
  requests_per_s: 48.2,
  error_ratio: 0.0002,
  p50_s: 0.0134,
  p95_s: 0.031,
  p99_s: 0.058,
  ladder_ratio: { full: 1 },
  quality: { metric: "ndcg@10", value: 0.3354, low: 0.3221, high: 0.3491 },
});

export function steady(tenant = "grocer"): Tenant {
  return {
    tenant,
    phase: "STEADY",
    since: ago(7_200),
    paused: false,
    release_id: `${tenant}-v4-r7`,
    record_version: 12,
    next_phase: null,
    waits: [],
    refused_moves: {
      pause: `tenant '${tenant}': no release is under way (STEADY)`,
      resume: `tenant '${tenant}': no release is under way (STEADY)`,
      promote: `tenant '${tenant}': no release is under way (STEADY)`,
      rollback: `tenant '${tenant}': no challenger is under way and there is no earlier version to go back to`,
    },
    last_step: null,
    steps: [
      { at: ago(7_200), phase: "STEADY", reason: "the watch after the promotion is over", by: "rollout" },
      { at: ago(10_800), phase: "PROMOTED", reason: "promoted by hand: holiday season starts", by: "Ana" },
    ],
    judged_at: null,
    verdicts: [],
    barred: [],
    slots: [STABLE, placement({ slot: "green" })],
  };
}

function verdict(
  rule: string,
  health: Verdict["health"],
  finding: string,
  consequence: Verdict["consequence"],
): Verdict {
  return { rule, health, finding, consequence, description: `what rule ${rule} measures` };
}

/** Version 5 at 10 % beside version 4. */
export function underWay(tenant = "grocer"): Tenant {
  return {
    ...steady(tenant),
    phase: "STEP_10",
    since: ago(420),
    release_id: `${tenant}-v5-r8`,
    next_phase: "STEP_50",
    waits: [
      { told: "the step lasts long enough", until: new Date(AT + 180_000).toISOString() },
      {
        told: "rule ctr is healthy: 62 shoppers saw the challenger's lists; 100 in each arm say something about clicks per impression",
        until: new Date(AT + 85_980_000).toISOString(),
      },
    ],
    refused_moves: {
      start: `tenant '${tenant}': release ${tenant}-v5-r8 is under way (STEP_10); finish it or roll it back`,
      resume: `tenant '${tenant}': release ${tenant}-v5-r8 is not paused`,
    },
    steps: [
      {
        at: ago(420),
        phase: "STEP_10",
        reason:
          "slot green runs, with 0 restarts in 5 min, limit 1; 0.0% of 812 requests failed in 30 s, limit 5.0%; 95 % of 4102 requests in 5 min took up to 34 ms, limit 300 ms",
        by: "rollout",
      },
      { at: ago(1_080), phase: "STEP_1", reason: "slot green has loaded the version", by: "rollout" },
      { at: ago(1_110), phase: "WARMING", reason: "version 5 starts: weekly training", by: "Ana" },
      ...steady(tenant).steps,
    ],
    judged_at: ago(3),
    verdicts: [
      verdict("slot", "healthy", "slot green runs, with 0 restarts in 5 min, limit 1", "act"),
      verdict("errors", "healthy", "0.0% of 812 requests failed in 30 s, limit 5.0%", "act"),
      verdict("latency", "healthy", "95 % of 4102 requests in 5 min took up to 34 ms, limit 300 ms", "act"),
      verdict("ctr", "unknown", "62 shoppers saw the challenger's lists; 100 in each arm say something", "act"),
      verdict("score_drift", "failing", "PSI of scores 1.43 of 900 samples, limit 1.00", "observe"),
    ],
    slots: [
      { ...STABLE, weight_percent: 90 },
      {
        ...STABLE,
        slot: "green",
        role: "challenger",
        version: "8ed76ce7eb0f16e6",
        loaded_version: "8ed76ce7eb0f16e6",
        model_version: 5,
        since_s: AT / 1000 - 1_080,
        weight_percent: 10,
        requests_per_s: 5.3,
        quality: { metric: "ndcg@10", value: 0.3412, low: 0.3279, high: 0.3548 },
      },
    ],
  };
}

/** Version 5 was taken back. */
export function rolledBack(tenant = "grocer"): Tenant {
  const reason = "9.2% of 640 requests failed in 30 s, limit 5.0%";
  const step = { at: ago(20), phase: "ROLLED_BACK", reason, by: "rollout" } as const;
  return {
    ...steady(tenant),
    phase: "ROLLED_BACK",
    since: ago(20),
    next_phase: "STEADY",
    waits: [{ told: "the stable slot is healthy for a while", until: new Date(AT + 40_000).toISOString() }],
    last_step: step,
    steps: [step, ...underWay(tenant).steps],
    barred: [{ version: "8ed76ce7eb0f16e6", model_version: 5, at: ago(20), reason }],
  };
}

export function alert(changes: Partial<Alert> = {}): Alert {
  return {
    name: "FreshnessSlow",
    state: "firing",
    severity: "warning",
    labels: {},
    since: ago(600),
    summary: "events take 9.1 s to reach the features",
    runbook_url: "monitoring/runbooks/FreshnessSlow.md",
    muted: null,
    ...changes,
  };
}

const PASSWORD = process.env.OPERATIONS_PASSWORD ?? "";
export const OPERATOR = { username: "operator", password: PASSWORD };

export class Rollout {
  readonly asked: { tenant: string; move: string; body: Asked; header: string | undefined }[] = [];
  readonly seriesAsked: URLSearchParams[] = [];
  alerts: Alert[] = [];
  prometheusReached = true;
  /** Refuses each move in these words. */
  refuses: string | null = null;

  constructor(public tenants: Tenant[]) {}

  async open(where: BrowserContext | Page): Promise<void> {
    await where.route("**/ops/figures", (route) => route.fulfill({ json: this.figures() }));
    await where.route("**/ops/series?*", (route) =>
      route.fulfill({ json: this.series(new URL(route.request().url())) }),
    );
    await where.route("**/ops/rollout/*/*", (route) => this.move(route));
  }

  private figures(): Figures {
    return {
      at: new Date(AT).toISOString(),
      prometheus_reached: this.prometheusReached,
      slots: (["blue", "green"] as const).map((slot) => ({ slot, up: true, memory_bytes: 4.4e8 })),
      tenants: this.tenants,
      stream: {
        freshness_p50_s: 0.21,
        freshness_p95_s: 0.64,
        lag_records: { "recommndr-feature-writer": 12, "slot-blue": 0 },
        services_down: [],
      },
      alerts: [alert({ name: "Watchdog", severity: "none" }), ...this.alerts],
    };
  }

  private series(url: URL): Series {
    this.seriesAsked.push(url.searchParams);
    const wave = (low: number, high: number, from: number) =>
      Array.from({ length: 121 }, (_, i) => (i < from ? null : low + ((high - low) * (1 + Math.sin(i / 7))) / 2));
    return {
      prometheus_reached: this.prometheusReached,
      start_s: AT / 1000 - 3_600,
      step_s: 30,
      lines: (["blue", "green"] as const).flatMap((slot, i) => [
        { name: "click_ratio", slot, points: wave(0.11, 0.14 + i * 0.02, i * 84) },
        { name: "p95_s", slot, points: wave(0.025, 0.034 + i * 0.004, i * 84) },
        { name: "error_ratio", slot, points: wave(0, 0.002, i * 84) },
        { name: "full_ratio", slot, points: wave(0.99, 1, i * 84) },
        { name: "requests_per_s", slot, points: wave(i ? 4 : 40, i ? 6 : 55, i * 84) },
      ]),
    };
  }

  private async move(route: Route): Promise<void> {
    const request = route.request();
    const [tenant = "", move = ""] = new URL(request.url()).pathname.split("/").slice(-2);
    this.asked.push({ tenant, move, body: request.postDataJSON(), header: request.headers()["x-recommndr-console"] });
    if (this.refuses !== null) {
      const problem = { title: "The release does not allow this", status: 409, detail: this.refuses };
      await route.fulfill({ status: 409, json: problem, contentType: "application/problem+json" });
      return;
    }
    this.tenants = this.tenants.map((one) => (one.tenant === tenant ? after(one, move as Move) : one));
    await route.fulfill({ json: { tenant, phase: "STEP_10" } });
  }
}

function after(tenant: Tenant, move: Move): Tenant {
  if (move === "pause") return { ...tenant, paused: true, refused_moves: { ...tenant.refused_moves, pause: "paused" } };
  if (move === "rollback") return rolledBack(tenant.tenant);
  if (move === "lift") return { ...tenant, barred: [] };
  return move === "start" ? underWay(tenant.tenant) : tenant;
}
