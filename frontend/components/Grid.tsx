"use client";

import Link from "next/link";
import type { Filters } from "@/lib/filters";
import { CardGhost } from "./CardGhost";
import styles from "./Grid.module.css";
import { Notice } from "./Notice";
import { ProductCard } from "./ProductCard";
import { useBrowse } from "./useBrowse";
import { useShopping } from "./VisitProvider";

const N_GHOSTS = 12;

export function Grid({ filters }: { filters: Filters }) {
  const { visit } = useShopping();
  const { pages, state, more, again } = useBrowse(visit, filters);
  const n = pages.reduce((sum, page) => sum + page.places.length, 0);
  return (
    <>
      {state === "away" && (
        <Notice action={{ label: "Try again", onClick: again }}>
          {n > 0
            ? "We can't reach the catalogue right now. This is what you saw last."
            : "We can't reach the catalogue right now. Please try again in a moment."}
        </Notice>
      )}
      {state === "all" && n === 0 && (
        <Notice>
          Nothing matches. <Link href="/">Show everything</Link>
        </Notice>
      )}
      <ul className={styles.grid} aria-busy={state === "coming"} data-testid="grid">
        {state === "coming" &&
          Array.from({ length: N_GHOSTS }, (_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: ghosts are all alike
            <li key={place}>
              <CardGhost />
            </li>
          ))}
        {pages.map((page) =>
          page.places.map((place) => (
            <li key={place.product.item_id}>
              <ProductCard list={page} place={place} />
            </li>
          )),
        )}
      </ul>
      {state === "more" && n > 0 && (
        <p className={styles.more}>
          <button type="button" onClick={more}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}
