"use client";

import { useShopping } from "./VisitProvider";

/** The page's name in the tab, the history and a screen reader's first word. */
export function PageTitle({ page }: { page?: string | undefined }) {
  const shop = useShopping().visit?.choice.shop.name ?? "Shop";
  return <title>{page === undefined ? shop : `${page} · ${shop}`}</title>;
}
