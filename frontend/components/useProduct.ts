"use client";

import type { Product } from "@recommndr/client";
import { useEffect, useState } from "react";
import type { Visit } from "@/lib/visit";

const RETRY_MS = 3_000;

export interface Looking {
  /** Undefined while it is loading; null when the catalogue does not have it. */
  product: Product | null | undefined;
  /** The platform did not answer; the product comes from the cache. */
  away: boolean;
}

/** A product of the catalogue: the cached copy at once, then the current one. */
export function useProduct(visit: Visit | undefined, itemId: string): Looking {
  const [state, setState] = useState<{ visit: Visit; itemId: string } & Looking>();
  useEffect(() => {
    if (!visit || itemId === "") return;
    let live = true;
    let timer: ReturnType<typeof setTimeout>;
    const kept = visit.shelf.product(itemId);
    if (kept) setState({ visit, itemId, product: kept, away: false });
    const ask = async () => {
      const product = await visit.platform.item(itemId).catch(() => undefined);
      if (!live) return;
      setState({ visit, itemId, product: product === undefined ? kept : product, away: product === undefined });
      if (product) visit.shelf.keep([product]);
      if (product === undefined) timer = setTimeout(ask, RETRY_MS);
    };
    void ask();
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [visit, itemId]);
  if (itemId === "") return { product: null, away: false };
  if (state?.visit === visit && state?.itemId === itemId) return state;
  return { product: undefined, away: false };
}
