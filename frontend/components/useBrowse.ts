"use client";

import type { List } from "@recommndr/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { browse } from "@/lib/browse";
import { addressOf, type Filters } from "@/lib/filters";
import type { Visit } from "@/lib/visit";

export type Browsing = "coming" | "more" | "all" | "away";

interface Grid {
  pages: List[];
  state: Browsing;
  /** Whether the pages were read now; otherwise they come from the cache. */
  fresh: boolean;
}

const COMING: Grid = { pages: [], state: "coming", fresh: false };
const RETRY_MS = 4_000;

/** The grid's pages so far; from the cache when the platform does not answer. */
export function useBrowse(visit: Visit | undefined, filters: Filters, above?: Promise<ReadonlySet<string>>) {
  const address = addressOf(filters);
  const [grid, setGrid] = useState<{ visit: Visit | undefined; address: string } & Grid>();
  const pages = useRef<AsyncGenerator<List, List | undefined>>(undefined);
  const reading = useRef<AsyncGenerator<List, List | undefined>>(undefined);
  const asked = useRef(filters);
  asked.current = filters;

  const read = useCallback(
    async (before: List[]) => {
      const from = pages.current;
      if (!visit || !from || reading.current === from) return; // a double click loads one page
      reading.current = from;
      const next = await from.next().catch(() => undefined);
      if (reading.current === from) reading.current = undefined;
      if (pages.current !== from) return; // the filters have changed meanwhile
      setGrid({ visit, address, ...(next ? grown(before, next) : away(before, visit.shelf.page(address))) });
      if (next?.value && before.length === 0) visit.shelf.keepPage(address, next.value);
    },
    [visit, address],
  );

  const start = useCallback(() => {
    if (!visit) return;
    pages.current = browse(visit.platform, asked.current, above);
    void read([]);
  }, [visit, above, read]);
  useEffect(start, [start]);

  const current = grid?.visit === visit && grid?.address === address ? grid : COMING;
  const shallStartAgain = current.state === "away" && !current.fresh;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another failure is another grid
  useEffect(() => {
    if (!shallStartAgain) return;
    const timer = setTimeout(start, RETRY_MS);
    return () => clearTimeout(timer);
  }, [shallStartAgain, grid, start]);
  return { ...current, more: () => read(current.pages), again: start };
}

function grown(before: List[], next: IteratorResult<List, List | undefined>): Grid {
  return { pages: next.value ? [...before, next.value] : before, state: next.done ? "all" : "more", fresh: true };
}

function away(before: List[], kept: List | undefined): Grid {
  return { pages: before.length > 0 || !kept ? before : [kept], state: "away", fresh: before.length > 0 };
}
