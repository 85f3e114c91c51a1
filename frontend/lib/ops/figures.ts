/** The figures of `/ops`, as rollout gives them (docs/openapi-rollout.json). */

import type { components } from "@/lib/api/rollout";
import { problemOf } from "./problem";

type Schemas = components["schemas"];
export type Figures = Schemas["Figures"];
export type Tenant = Schemas["TenantFigures"];
export type Phase = Tenant["phase"];
export type Placement = Schemas["PlacementFigures"];
export type Step = Schemas["StepFigures"];
export type Verdict = Schemas["VerdictFigures"];
export type Wait = Schemas["WaitFigures"];
export type Bar = Schemas["BarFigures"];
export type Alert = Schemas["AlertFigures"];
export type Stream = Schemas["StreamFigures"];
export type Slot = Schemas["SlotFigures"];
export type Series = Schemas["Series"];
export type SeriesName = Schemas["SlotSeries"]["name"];

export function figures(signal: AbortSignal): Promise<Figures> {
  return get("/ops/figures", signal);
}

export function series(tenant: string, minutes: number, signal: AbortSignal): Promise<Series> {
  return get(`/ops/series?${new URLSearchParams({ tenant, minutes: String(minutes) })}`, signal);
}

async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal, cache: "no-store" });
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()) as T;
}
