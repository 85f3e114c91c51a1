"use client";

import { useShopping } from "./VisitProvider";

/** The page's title: in the tab, in the history, and read first by screen readers. */
export function PageTitle({ page }: { page?: string | undefined }) {
  const shop = useShopping().visit?.choice.shop.name ?? "Shop";
  return <title>{page === undefined ? shop : `${page} · ${shop}`}</title>;
}
