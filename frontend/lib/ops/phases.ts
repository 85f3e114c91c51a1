/** The phases of a release, as operators read them. */

import type { Phase, Placement, Tenant } from "./figures";

/** The way of a release that goes well. */
export const WAY: readonly Phase[] = ["WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED"];

export const LABELS: Record<Phase, string> = {
  STEADY: "steady",
  WARMING: "warming",
  STEP_1: "1 %",
  STEP_10: "10 %",
  STEP_50: "50 %",
  PROMOTED: "promoted",
  ROLLING_BACK: "rolling back",
  ROLLED_BACK: "rolled back",
};

export function placed(tenant: Tenant, role: Placement["role"]): Placement | undefined {
  return tenant.slots.find((slot) => slot.role === role && slot.version !== null);
}

/** A version by its number; without one, words that fit into a sentence. */
export function version(placement: Placement | undefined): string {
  return placement ? `version ${placement.model_version}` : "no version";
}

/** One sentence: where the tenant's release is. */
export function standing(tenant: Tenant): string {
  const [stable, challenger] = [version(placed(tenant, "stable")), version(placed(tenant, "challenger"))];
  switch (tenant.phase) {
    case "STEADY":
      return `${capital(stable)} serves all shoppers.`;
    case "WARMING":
      return `${capital(challenger)} is being loaded; ${stable} serves all shoppers.`;
    case "STEP_1":
    case "STEP_10":
    case "STEP_50":
      return `${capital(challenger)} has ${LABELS[tenant.phase]} of the shoppers; ${stable} has the others.`;
    case "PROMOTED":
      return tenant.since === null
        ? `${capital(stable)} serves all shoppers; it was promoted without a trial.`
        : `${capital(stable)} serves all shoppers and is still watched.`;
    case "ROLLING_BACK":
      return `The shoppers of ${challenger} go back to ${stable}, half of them at a time.`;
    case "ROLLED_BACK":
      return `${capital(stable)} serves all shoppers again.`;
  }
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
