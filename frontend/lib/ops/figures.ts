/** The figures of `/ops`, as rollout gives them (docs/openapi-rollout.json). */

import type { components } from "@/lib/api/rollout";

type Schemas = components["schemas"];
export type Figures = Schemas["Figures"];
export type Tenant = Schemas["TenantFigures"];
export type Placement = Schemas["PlacementFigures"];
export type Alert = Schemas["AlertFigures"];
export type Stream = Schemas["StreamFigures"];
export type Slot = Schemas["SlotFigures"];

export async function figures(signal: AbortSignal): Promise<Figures> {
  const response = await fetch("/ops/figures", { signal, cache: "no-store" });
  if (!response.ok) throw new Error(`rollout answered ${response.status}`);
  return (await response.json()) as Figures;
}
