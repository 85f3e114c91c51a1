"use client";

import { useMemo } from "react";
import styles from "./BestSellers.module.css";
import { Cards } from "./Cards";
import { useList } from "./useList";
import { useShopping } from "./VisitProvider";

const N_SHOWN = 20;

/** Best-sellers, for pages without other content. */
export function BestSellers() {
  const { visit } = useShopping();
  const ask = useMemo(() => visit && (() => visit.platform.popular(N_SHOWN)), [visit]);
  const list = useList(ask);
  if (list === null || list?.places.length === 0) return null;
  return (
    <section aria-label="Best sellers">
      <h2 className={styles.heading}>Best sellers</h2>
      <Cards pages={list && [list]} testId="best-sellers" />
    </section>
  );
}
