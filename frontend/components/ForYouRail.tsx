"use client";

import { isPersonal, type List, reasonFor } from "@recommndr/client";
import { useMemo } from "react";
import { readable } from "@/lib/naming";
import type { Visit } from "@/lib/visit";
import { Rail } from "./Rail";
import { useList } from "./useList";
import { useRecent } from "./useRecent";
import { useShopping } from "./VisitProvider";

const N_SHOWN = 18;

interface Asked {
  category?: string[] | undefined;
  /** An item that the page shows already. */
  without?: string;
  /** Whether the page has such a rail at all. */
  wanted?: boolean;
}

/** The shopper's own list. It follows what the shopper does, as soon as the platform knows of it. */
export function useForYou({ category, without, wanted = true }: Asked): List | undefined | null {
  const { visit } = useShopping();
  const ask = useMemo(
    () => (visit && wanted ? () => recommended(visit, category, without) : undefined),
    [visit, category, without, wanted],
  );
  return useList(ask, visit);
}

interface Properties {
  list: List | undefined | null;
  /** The category that the list is narrowed to, as the catalogue and as a shopper calls it. */
  category?: string[] | undefined;
  label?: string | undefined;
}

/** That list with its reasons; for somebody of whom nothing is known it is what is popular, and says so. */
export function ForYouRail({ list, category, label }: Properties) {
  const { visit } = useShopping();
  const recent = useRecent();
  const personal = list ? isPersonal(list) : visit?.isKnown;
  const where = category === undefined ? "" : ` in ${label ?? readable(category.at(-1) ?? "")}`;
  const title = personal === undefined ? "" : `${personal ? "For you" : "Popular now"}${where}`;
  // That all of it is popular is said once, above it.
  return (
    <Rail
      name="for-you"
      title={title}
      list={list}
      reasonOf={personal ? (place) => reasonFor(place, recent) : undefined}
    />
  );
}

/** The rail of pages that need nothing else of its list. */
export function ForYou({ without }: { without?: string }) {
  return <ForYouRail list={useForYou(without === undefined ? {} : { without })} />;
}

function recommended(visit: Visit, category?: string[], without?: string) {
  const exclude = visit.cart().map((line) => line.product.item_id);
  if (without !== undefined) exclude.push(without);
  return visit.platform.recommend(visit.userId, N_SHOWN, category, exclude);
}
