/** The moves that operators make: what each will do, whether the record allows it, and the request. */

import type { components } from "@/lib/api/rollout";
import type { Tenant, Verdict } from "./figures";
import { capital, LABELS, placed, version } from "./phases";
import { problemOf } from "./problem";

export type Asked = components["schemas"]["MoveAsked"];
export type Move = "start" | "pause" | "resume" | "promote" | "rollback" | "lift";

export const NAMES: Record<Move, string> = {
  start: "Start a release",
  pause: "Pause",
  resume: "Resume",
  promote: "Promote now",
  rollback: "Roll back",
  lift: "Lift the bar",
};
export const OF_RELEASE: readonly Move[] = ["start", "pause", "resume", "promote", "rollback"];

/** Why the record does not allow the move, without the tenant's name, which the reader sees; null: it does. */
export function refusal(tenant: Tenant, move: Move): string | null {
  const reason = tenant.refused_moves[move];
  return reason === undefined ? null : capital(reason.replace(/^tenant '[^']*': /, ""));
}

/** What the move will do, in one or two sentences. */
export function effect(tenant: Tenant, move: Move): string {
  const stable = placed(tenant, "stable");
  const challenger = placed(tenant, "challenger");
  switch (move) {
    case "start":
      return effectOfStart(tenant);
    case "pause":
      return `The release stays at ${LABELS[tenant.phase]}. Failing rules still take the traffic back.`;
    case "resume":
      return "The release goes on as soon as its rules are healthy.";
    case "promote":
      return `${capital(version(challenger))} gets all shoppers of ${tenant.tenant} at once. ${doubts(tenant.verdicts)} ${capital(version(stable))} stays loaded, so you can roll back.`;
    case "rollback":
      return challenger
        ? `All shoppers go to ${version(stable)} at once. ${capital(version(challenger))} is barred until somebody lifts the bar.`
        : `All shoppers go back to ${version(placed(tenant, "previous"))} at once. ${capital(version(stable))} is barred until somebody lifts the bar.`;
    case "lift":
      return "The version may be started again. Nothing starts by itself.";
  }
}

function effectOfStart(tenant: Tenant): string {
  const idle = tenant.slots.find((slot) => slot.role !== "stable");
  const leaves = idle?.role === "previous" ? ` ${capital(version(idle))} leaves this slot.` : "";
  return `The version is loaded into slot ${idle?.slot}.${leaves} Then it gets 1, 10, 50 and 100 % of ${tenant.tenant}'s shoppers while its rules are healthy.`;
}

function doubts(verdicts: Verdict[]): string {
  const judging = verdicts.filter((verdict) => verdict.consequence !== "observe");
  const failing = judging.filter((verdict) => verdict.health === "failing").map((verdict) => verdict.rule);
  const unknown = judging.filter((verdict) => verdict.health === "unknown").map((verdict) => verdict.rule);
  if (failing.length > 0) return `Failing now: ${failing.join(", ")}.`;
  return unknown.length > 0 ? `Not known yet: ${unknown.join(", ")}.` : "All its rules are healthy.";
}

/** Asks for the move; throws with the server's words when it is refused. */
export async function make(tenant: string, move: Move, asked: Asked): Promise<void> {
  // A page of another site cannot send this header, so the storefront knows that the request is ours.
  const headers = { "content-type": "application/json", "x-recommndr-console": "1" };
  const response = await fetch(`/ops/rollout/${tenant}/${move}`, {
    method: "POST",
    headers,
    body: JSON.stringify(asked),
  });
  if (!response.ok) throw new Error(await problemOf(response));
}
