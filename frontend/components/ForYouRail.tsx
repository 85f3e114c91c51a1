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
  /** An item that the page already shows. */
  without?: string;
  /** Whether the page has this rail at all. */
  wanted?: boolean;
}

/** The shopper's own list. It is requested again when the platform has acknowledged the shopper's actions. */
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
  /** The category that the list is limited to: the catalogue's name and the name shoppers see. */
  category?: string[] | undefined;
  label?: string | undefined;
}

/** The list with its reasons; for an unknown shopper it holds popular items and the title says so. */
export function ForYouRail({ list, category, label }: Properties) {
  const { visit } = useShopping();
  const recent = useRecent();
  const personal = list ? isPersonal(list) : visit?.isKnown;
  const where = category === undefined ? "" : ` in ${label ?? readable(category.at(-1) ?? "")}`;
  const title = personal === undefined ? "" : `${personal ? "For you" : "Popular now"}${where}`;
  // When all places are popular items, the title says it once. The space of the reasons stays: a list may become personal
  // while the page is open, and what lies below must not move then.
  return (
    <Rail
      name="for-you"
      title={title}
      list={list}
      reasonOf={personal ? (place) => reasonFor(place, recent) : () => ""}
    />
  );
}

/** The rail for pages that need nothing else from its list. */
export function ForYou({ without }: { without?: string }) {
  return <ForYouRail list={useForYou(without === undefined ? {} : { without })} />;
}

function recommended(visit: Visit, category?: string[], without?: string) {
  const exclude = visit.cart().map((line) => line.product.item_id);
  if (without !== undefined) exclude.push(without);
  return visit.platform.recommend(visit.userId, N_SHOWN, category, exclude);
}
