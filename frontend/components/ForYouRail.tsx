"use client";

import { reasonFor } from "@recommndr/client";
import { useMemo } from "react";
import { readable } from "@/lib/naming";
import type { Visit } from "@/lib/visit";
import { Rail } from "./Rail";
import { useCart } from "./useCart";
import { useList } from "./useList";
import { useRecent } from "./useRecent";
import { useShopping } from "./VisitProvider";

const N_SHOWN = 18;

/** The shopper's own list with its reasons. It follows what the shopper does, as soon as the platform knows of it. */
export function ForYouRail({ category, label, without }: { category?: string[]; label?: string; without?: string }) {
  const { visit } = useShopping();
  const inCart = new Set(useCart().map((line) => line.product.item_id));
  const recent = useRecent();
  const ask = useMemo(() => visit && (() => recommended(visit, category, without)), [visit, category, without]);
  const list = useList(ask, visit);
  const shown = list && { ...list, places: list.places.filter((place) => !inCart.has(place.product.item_id)) };
  const title = category === undefined ? "For you" : `For you in ${label ?? readable(category.at(-1) ?? "")}`;
  return <Rail title={title} list={shown} reasonOf={(place) => reasonFor(place, recent)} />;
}

function recommended(visit: Visit, category?: string[], without?: string) {
  const exclude = visit.cart().map((line) => line.product.item_id);
  if (without !== undefined) exclude.push(without);
  return visit.platform.recommend(visit.userId, N_SHOWN, category, exclude);
}
