"use client";

import Link from "next/link";
import { useEffect, useRef } from "react";
import { addressOf, type Filters, isSearch } from "@/lib/filters";
import { items } from "@/lib/naming";
import { BestSellers } from "./BestSellers";
import { Cards } from "./Cards";
import styles from "./Grid.module.css";
import { Notice } from "./Notice";
import { type Browsing, useBrowse } from "./useBrowse";
import { useShopping } from "./VisitProvider";

interface Properties {
  filters: Filters;
  /** Ids that the page already shows above the grid. */
  above?: Promise<ReadonlySet<string>> | undefined;
}

export function Grid({ filters, above }: Properties) {
  const { visit } = useShopping();
  const { pages, state, more, again } = useBrowse(visit, filters, above);
  const n = pages.reduce((sum, page) => sum + page.places.length, 0);
  const cards = useRef<HTMLUListElement>(null);
  const { goesOn, keepFocus } = useFocusOfMore(cards, state, n);
  const nothing = state === "all" && n === 0;
  return (
    <>
      {state === "away" && (
        <Notice action={{ label: "Try again", onClick: again }}>
          {n > 0
            ? "We can't reach the catalogue right now. This is what you saw last."
            : "We can't reach the catalogue right now. This page tries again by itself."}
        </Notice>
      )}
      <p className={isSearch(filters) && !nothing ? styles.count : "unseen"} role="status" data-testid="count">
        {countOf(state, n)}
      </p>
      {nothing && <Nothing filters={filters} />}
      {nothing ? <BestSellers /> : <Cards pages={state === "coming" ? undefined : pages} cards={cards} testId="grid" />}
      {state === "more" && n > 0 && (
        <p className={styles.more}>
          <button
            ref={goesOn}
            type="button"
            onClick={() => {
              keepFocus();
              void more();
            }}
          >
            Show more
          </button>
        </p>
      )}
    </>
  );
}

/** Says that nothing was found and links to wider results. */
function Nothing({ filters }: { filters: Filters }) {
  const { q, ...narrowed } = filters;
  const isNarrowed = Object.values(narrowed).some((value) => value !== undefined);
  return (
    <Notice quiet>
      {q === undefined ? "Nothing matches these filters." : `Nothing matches “${q}”${isNarrowed ? " here" : ""}.`}{" "}
      {q !== undefined && isNarrowed ? (
        <Link href={addressOf({ q })}>Search in everything</Link>
      ) : (
        <Link href="/">Show everything</Link>
      )}
    </Notice>
  );
}

function countOf(state: Browsing, n: number): string {
  if (state === "all") return n === 0 ? "Nothing found" : items(n);
  return state === "more" && n > 0 ? `The first ${items(n)}` : "";
}

/** "Show more" disappears with the last page; the focus then moves to the first new card. */
function useFocusOfMore(cards: React.RefObject<HTMLUListElement | null>, state: Browsing, n: number) {
  const goesOn = useRef<HTMLButtonElement>(null);
  const pressedAt = useRef<number>(undefined);
  useEffect(() => {
    if (state !== "all" || pressedAt.current === undefined) return;
    const card = cards.current?.children[Math.min(pressedAt.current, n - 1)];
    pressedAt.current = undefined;
    if (document.activeElement === document.body) card?.querySelector("a")?.focus();
  }, [cards, state, n]);
  const keepFocus = () => {
    pressedAt.current = document.activeElement === goesOn.current ? n : undefined;
  };
  return { goesOn, keepFocus };
}
