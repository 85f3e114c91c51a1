/** Figures for tests: one tenant, two slots, nothing measured. */

import type { Alert, Figures, Placement, Tenant, Verdict } from "./figures";

const NOTHING = {
  since_s: null,
  requests_per_s: null,
  error_ratio: null,
  p50_s: null,
  p95_s: null,
  p99_s: null,
  ladder_ratio: {},
  quality: null,
};

export function placement(changes: Partial<Placement>): Placement {
  const version = changes.model_version ? `bundle-${changes.model_version}` : null;
  return {
    slot: "blue",
    role: "idle",
    model_version: null,
    version,
    loaded_version: version,
    weight_percent: 0,
    ...NOTHING,
    ...changes,
  };
}

export const STABLE = placement({ role: "stable", model_version: 1, weight_percent: 100 });

export function tenant(changes: Partial<Tenant> = {}): Tenant {
  return {
    tenant: "grocer",
    phase: "STEADY",
    since: null,
    paused: false,
    release_id: "grocer-v1",
    record_version: 1,
    next_phase: null,
    waits: [],
    refused_moves: {},
    last_step: null,
    steps: [],
    judged_at: null,
    verdicts: [],
    barred: [],
    slots: [STABLE, placement({ slot: "green" })],
    ...changes,
  };
}

/** Version 2 at 10 %. */
export function underWay(changes: Partial<Tenant> = {}): Tenant {
  const challenger = placement({ slot: "green", role: "challenger", model_version: 2, weight_percent: 10 });
  return tenant({ phase: "STEP_10", slots: [{ ...STABLE, weight_percent: 90 }, challenger], ...changes });
}

export function verdict(changes: Partial<Verdict>): Verdict {
  return { rule: "errors", description: "", health: "healthy", consequence: "act", finding: "9 % failed", ...changes };
}

export function alert(changes: Partial<Alert>): Alert {
  return {
    name: "FreshnessSlow",
    state: "firing",
    severity: "warning",
    labels: {},
    since: "2026-11-30T05:00:00Z",
    summary: "events take 9 s",
    runbook_url: "monitoring/runbooks/FreshnessSlow.md",
    muted: null,
    ...changes,
  };
}

export function figures(changes: Partial<Figures> = {}): Figures {
  return {
    at: "2026-11-30T05:00:00Z",
    prometheus_reached: true,
    slots: [
      { slot: "blue", up: true, memory_bytes: null },
      { slot: "green", up: true, memory_bytes: null },
    ],
    tenants: [tenant()],
    stream: { freshness_p50_s: null, freshness_p95_s: null, lag_records: {}, services_down: [] },
    alerts: [alert({ name: "Watchdog", severity: "none" })],
    ...changes,
  };
}
