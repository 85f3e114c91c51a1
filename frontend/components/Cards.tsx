"use client";

import type { List } from "@recommndr/client";
import type { Ref } from "react";
import { CardGhost } from "./CardGhost";
import styles from "./Cards.module.css";
import { ProductCard } from "./ProductCard";

const N_GHOSTS = 12;

interface Properties {
  /** Undefined while they are loading; their space is kept. */
  pages: List[] | undefined;
  cards?: Ref<HTMLUListElement>;
  testId?: string;
}

/** A grid of cards, page after page. */
export function Cards({ pages, cards, testId }: Properties) {
  return (
    <ul ref={cards} className={styles.cards} aria-busy={pages === undefined} data-testid={testId}>
      {pages === undefined &&
        Array.from({ length: N_GHOSTS }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ghosts are all alike
          <li key={place}>
            <CardGhost />
          </li>
        ))}
      {pages?.map((page) =>
        page.places.map((place) => (
          <li key={place.product.item_id}>
            <ProductCard list={page} place={place} />
          </li>
        )),
      )}
    </ul>
  );
}
