"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Shops } from "@/lib/shops";

const ASK_AGAIN_MS = 3_000; // the demo starts its shops one after the other

const OUTDATED_AFTER_MS = 10_000; // a browser without cookies is a new visitor each time and must not ask forever

interface Told {
  shops: Shops | undefined;
  /** Asks again. */
  refresh: () => void;
  /** Asks again unless the answer is fresh. */
  outdated: () => void;
}

/** The shops and the visitor, as the shop's server answers. */
export function useShops(): Told {
  const [shops, setShops] = useState<Shops>();
  const answeredMs = useRef(0);
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn asks again
  useEffect(() => {
    let live = true;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const newest = await fetch("/shop.json").then(
        (answer) => (answer.ok ? (answer.json() as Promise<Shops>) : undefined),
        () => undefined,
      );
      if (!live) return;
      answeredMs.current = Date.now();
      if (newest && newest.shops.length > 0) setShops(newest);
      else timer = setTimeout(ask, ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [turn]);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  const outdated = useCallback(() => {
    if (Date.now() - answeredMs.current > OUTDATED_AFTER_MS) refresh();
  }, [refresh]);
  return { shops, refresh, outdated };
}
