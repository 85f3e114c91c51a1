"use client";

import type { RecentAction } from "@recommndr/client";
import { useSyncExternalStore } from "react";
import { useShopping } from "./VisitProvider";

const NOTHING: readonly RecentAction[] = [];
const never = () => () => {};
const nothing = () => NOTHING;

/** The shopper's recent actions, newest first. */
export function useRecent(): readonly RecentAction[] {
  const { visit } = useShopping();
  return useSyncExternalStore(visit?.onChange ?? never, visit?.recentActions ?? nothing, nothing);
}
