"use client";

import type { RecentDeed } from "@recommndr/client";
import { useSyncExternalStore } from "react";
import { useShopping } from "./VisitProvider";

const NOTHING: readonly RecentDeed[] = [];
const never = () => () => {};
const nothing = () => NOTHING;

/** What the shopper did here lately, newest first. */
export function useRecent(): readonly RecentDeed[] {
  const { visit } = useShopping();
  return useSyncExternalStore(visit?.onChange ?? never, visit?.recentDeeds ?? nothing, nothing);
}
