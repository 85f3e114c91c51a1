/** The first line of `/ops`: all well, or what is wrong and what to do. */

import type { Alert, Figures, Tenant } from "./figures";
import { capital, LABELS, placed, version } from "./phases";
import { pageOf } from "./runbookPage";

export type Weight = "bad" | "warn";

/** One thing that needs a person. */
export interface Concern {
  weight: Weight;
  /** What it is about: a tenant, a slot, an alert. */
  about: string;
  told: string;
  /** Where to go on: the tenant's release, or a runbook. */
  link: { href: string; text: string } | null;
}

export interface Overall {
  weight: Weight | "good";
  headline: string;
  /** The most severe first. */
  concerns: Concern[];
}

const RANK: Record<Weight, number> = { bad: 0, warn: 1 };

export function overall(figures: Figures): Overall {
  const found = [...aside(figures), ...figures.alerts.flatMap(ofAlert), ...figures.tenants.flatMap(ofTenant)];
  const concerns = found.sort((a, b) => RANK[a.weight] - RANK[b.weight]);
  const n = (weight: Weight) => concerns.filter((concern) => concern.weight === weight).length;
  const [nBad, nWarn] = [n("bad"), n("warn")];
  if (nBad > 0) {
    const more = nWarn > 0 ? `, and ${nWarn} to look at` : "";
    return { weight: "bad", headline: `${things(nBad)} ${nBad === 1 ? "needs" : "need"} you now${more}.`, concerns };
  }
  if (nWarn > 0) return { weight: "warn", headline: `${things(nWarn)} to look at.`, concerns };
  return { weight: "good", headline: `All well. ${underWay(figures.tenants)}`, concerns };
}

function things(n: number): string {
  return n === 1 ? "One thing" : `${n} things`;
}

/** What needs somebody in one tenant's release. */
export function ofTenant(tenant: Tenant): Concern[] {
  const about = tenant.tenant;
  const link = { href: `#${anchorOf(about)}`, text: "Release" };
  const concern = (weight: Weight, told: string): Concern => ({ weight, about, told, link });
  const found = tenant.slots
    .filter((slot) => slot.weight_percent > 0 && slot.loaded_version !== slot.version)
    .map((slot) => concern("bad", `slot ${slot.slot} gets traffic and has not loaded ${version(slot)}.`));
  for (const { rule, health, consequence, finding } of tenant.verdicts) {
    if (health !== "failing" || consequence === "observe") continue;
    const then = consequence === "act" ? "Traffic goes back by itself." : "The release is held: roll back, or promote.";
    found.push(concern(consequence === "act" ? "bad" : "warn", `rule ${rule} fails: ${finding}. ${then}`));
  }
  if (tenant.paused && placed(tenant, "challenger"))
    found.push(concern("warn", `the release is paused at ${LABELS[tenant.phase]}: resume it or roll it back.`));
  if (tenant.phase === "ROLLING_BACK" || tenant.phase === "ROLLED_BACK")
    found.push(concern("warn", `${LABELS[tenant.phase]}: ${tenant.last_step?.reason ?? "no reason known"}.`));
  return found;
}

/** The id of the section that shows a tenant's release. */
export function anchorOf(tenant: string): string {
  return `tenant-${tenant}`;
}

/** Alerts that need nobody: still pending, silenced, following from another alert, or without a severity. */
export function isFolded(alert: Alert): boolean {
  return alert.state !== "firing" || alert.muted !== null || alert.severity === "none";
}

function ofAlert(alert: Alert): Concern[] {
  if (isFolded(alert)) return [];
  const runbook = alert.runbook_url && (pageOf(alert.runbook_url) ?? alert.runbook_url);
  const link = runbook ? { href: runbook, text: "Runbook" } : null;
  return [{ weight: alert.severity === "critical" ? "bad" : "warn", about: alert.name, told: alert.summary, link }];
}

function aside({ prometheus_reached, slots, alerts }: Figures): Concern[] {
  if (!prometheus_reached)
    return [
      {
        weight: "bad",
        about: "Prometheus",
        told: "does not answer. What is live is known, how it does is not, and no release goes on. Start it again.",
        link: { href: "/ops/runbooks/ServiceDown", text: "Runbook" },
      },
    ];
  const known = new Set(alerts.filter((alert) => alert.name === "SlotDown").map((alert) => alert.labels.slot));
  return slots
    .filter(({ slot, up }) => up === false && !known.has(slot))
    .map(({ slot }) => ({
      weight: "bad",
      about: `Slot ${slot}`,
      told: "does not answer.",
      link: { href: "/ops/runbooks/SlotDown", text: "Runbook" },
    }));
}

function underWay(tenants: Tenant[]): string {
  const going = tenants.filter((tenant) => placed(tenant, "challenger"));
  const [first] = going;
  if (first === undefined) return "No release is under way.";
  if (going.length > 1) return `${going.length} releases are under way.`;
  return `${capital(first.tenant)}: ${version(placed(first, "challenger"))} is ${first.phase === "WARMING" ? "warming" : `at ${LABELS[first.phase]}`}.`;
}
