"use client";

import { useEffect, useState } from "react";

import { type Polled, poll } from "@/lib/ops/poll";

const TIMEOUT_MS = 4_000;

/** The newest answer to `ask`, which must stay the same function while its question does. */
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: null, at: null, problem: null });
  useEffect(
    () =>
      poll({
        ask,
        tell: setPolled,
        everyMs,
        timeoutMs: TIMEOUT_MS,
        now: Date.now,
        watched: () => document.visibilityState === "visible",
      }),
    [ask, everyMs],
  );
  return polled;
}
