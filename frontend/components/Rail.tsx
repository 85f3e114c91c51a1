"use client";

import type { List, Place } from "@recommndr/client";
import { useCallback, useEffect, useId, useRef, useState } from "react";
import { CardGhost } from "./CardGhost";
import { ProductCard } from "./ProductCard";
import styles from "./Rail.module.css";
import { useHeld } from "./useHeld";

interface Properties {
  /** The rail's name, whatever its title says. */
  name: string;
  /** Empty while it is not known. */
  title: string;
  /** Undefined while it is loading: its space is kept. Null: there is no list and no space. */
  list: List | undefined | null;
  reasonOf?: ((place: Place) => string) | undefined;
}

const N_GHOSTS = 6;

/** A list in one row that scrolls by touch, wheel, two buttons, and by tabbing through its cards. */
export function Rail({ name, title, list, reasonOf }: Properties) {
  const heading = useId();
  const row = useRef<HTMLUListElement>(null);
  const { shown, hands } = useHeld(list);
  const { atStart, atEnd, look } = useEnds(row);
  const listId = shown?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list starts at its beginning and has other ends
  useEffect(() => {
    row.current?.scrollTo({ left: 0, behavior: "instant" });
    look();
  }, [listId, look]);
  if (shown === null || shown?.places.length === 0) return null;
  const move = (direction: number) => {
    const element = row.current;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    element?.scrollBy({ left: direction * element.clientWidth * 0.85, behavior });
  };
  return (
    <section
      className={styles.rail}
      aria-labelledby={heading}
      aria-busy={shown === undefined}
      data-rail={name}
      {...hands}
    >
      <div className={styles.head}>
        <h2 id={heading}>{title || <span className={styles.coming}>Coming</span>}</h2>
        <div className={styles.buttons}>
          <RailButton label={`${title}: back`} path="M12 4l-6 6 6 6" off={atStart} onClick={() => move(-1)} />
          <RailButton label={`${title}: forward`} path="M8 4l6 6-6 6" off={atEnd} onClick={() => move(1)} />
        </div>
      </div>
      <ul ref={row} className={styles.row} onScroll={look}>
        {shown === undefined
          ? Array.from({ length: N_GHOSTS }, (_, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: ghosts are all alike
              <li key={place}>
                <CardGhost reason={reasonOf !== undefined} />
              </li>
            ))
          : shown.places.map((place) => (
              <li key={place.product.item_id}>
                <ProductCard list={shown} place={place} reason={reasonOf?.(place)} />
              </li>
            ))}
      </ul>
    </section>
  );
}

/** `off` keeps the focus; a disabled button would lose it. */
function RailButton(button: { label: string; path: string; off: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={button.label}
      aria-disabled={button.off}
      onClick={() => !button.off && button.onClick()}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d={button.path} />
      </svg>
    </button>
  );
}

function useEnds(row: React.RefObject<HTMLUListElement | null>) {
  const [ends, setEnds] = useState({ atStart: true, atEnd: false });
  const look = useCallback(() => {
    const element = row.current;
    if (!element) return;
    const atStart = element.scrollLeft < 2;
    const atEnd = element.scrollLeft + element.clientWidth > element.scrollWidth - 2;
    setEnds((before) => (before.atStart === atStart && before.atEnd === atEnd ? before : { atStart, atEnd }));
  }, [row]);
  return { ...ends, look };
}
