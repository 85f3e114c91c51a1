"use client";

import { useMemo } from "react";
import type { Visit } from "@/lib/visit";
import { Rail } from "./Rail";
import { useList } from "./useList";
import { useShopping } from "./VisitProvider";

const N_SHOWN = 16;
// More than are shown: reasons of later lists may name this view for any of them.
const N_ASKED = 50;

export function SimilarRail({ itemId }: { itemId: string }) {
  const { visit } = useShopping();
  const ask = useMemo(() => visit && (() => similar(visit, itemId)), [visit, itemId]);
  return <Rail name="similar" title="Similar to this" list={useList(ask)} />;
}

async function similar(visit: Visit, itemId: string) {
  const list = await visit.platform.similar(itemId, N_ASKED);
  visit.noteSimilar(itemId, list);
  return { ...list, places: list.places.slice(0, N_SHOWN) };
}
