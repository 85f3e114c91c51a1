"use client";

import { useEffect, useState, useSyncExternalStore } from "react";

import type { Tenant } from "@/lib/ops/figures";
import { placed } from "@/lib/ops/phases";
import { anchorOf, ofTenant } from "@/lib/ops/verdict";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/**
 * The tenant that the address names (`#tenant-grocer`); else the first that needs somebody or has a release under way when
 * the page opens. That one stays, so that nothing jumps under the reader's hands.
 */
export function useChosen(tenants: Tenant[]): Tenant | undefined {
  const hash = useSyncExternalStore(
    subscribe,
    () => window.location.hash,
    () => "",
  );
  const [first] = useState(() => firstOf(tenants)?.tenant);
  const named = tenants.find((tenant) => `#${anchorOf(tenant.tenant)}` === hash);
  const chosen = named ?? tenants.find((tenant) => tenant.tenant === first) ?? tenants[0];
  const anchor = named && anchorOf(named.tenant);
  // The browser looked for the section before it was there.
  useEffect(() => {
    if (anchor) document.getElementById(anchor)?.focus();
  }, [anchor]);
  return chosen;
}

function firstOf(tenants: Tenant[]): Tenant | undefined {
  return (
    tenants.find((tenant) => ofTenant(tenant).length > 0) ?? tenants.find((tenant) => placed(tenant, "challenger"))
  );
}
