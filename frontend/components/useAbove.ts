"use client";

import { isPersonal, type List } from "@recommndr/client";
import { useEffect, useMemo } from "react";
import { useShopping } from "./VisitProvider";

/**
 * A promise of the ids in the list above a grid, so that the grid does not repeat them when both show popular
 * items. List and grid are requested at the same time. Another `address` means another list.
 */
export function useAbove(list: List | undefined | null, address: string): Promise<ReadonlySet<string>> {
  const { visit } = useShopping();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another visit or address has another list
  const known = useMemo(deferred, [visit, address]);
  useEffect(() => {
    if (list === undefined) return;
    const repeated = list === null || isPersonal(list) ? [] : list.places.map((place) => place.product.item_id);
    known.tell(new Set(repeated));
  }, [list, known]);
  return known.ids;
}

function deferred() {
  let tell: (ids: ReadonlySet<string>) => void = () => {};
  const ids = new Promise<ReadonlySet<string>>((resolve) => {
    tell = resolve;
  });
  return { ids, tell };
}
