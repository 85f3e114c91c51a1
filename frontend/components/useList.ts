"use client";

import { freshList, type List, looksTheSame } from "@recommndr/client";
import { useEffect, useState } from "react";
import type { Visit } from "@/lib/visit";

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 20_000;

/**
 * What `ask` gives: undefined until then, null when there is none; one that failed comes back by itself.
 * A list that follows a visit is asked for anew when the platform has heard of a deed.
 */
export function useList(ask: (() => Promise<List>) | undefined, following?: Visit): List | undefined | null {
  const [state, setState] = useState<{ ask: typeof ask; list: List | null }>();
  useEffect(() => {
    if (!ask) return;
    const follower = new Follower(ask, (list) => setState({ ask, list }));
    const stop = following?.onHeard((nDeeds) => follower.heard(nDeeds));
    return () => {
      stop?.();
      follower.stop();
    };
  }, [ask, following]);
  return state?.ask === ask ? state?.list : undefined;
}

class Follower {
  private turn = 0;
  private nEvents = 0;
  private shown: List | null = null;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: () => Promise<List>,
    private readonly show: (list: List | null) => void,
  ) {
    void this.refresh();
  }

  heard(nDeeds: number): void {
    this.nEvents += nDeeds;
    void this.refresh();
  }

  stop(): void {
    this.turn += 1;
    clearTimeout(this.timer);
  }

  private async refresh(): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    clearTimeout(this.timer);
    const list = await freshList(this.ask, this.nEvents).catch(() => null);
    if (turn !== this.turn) return;
    if (list === null) {
      this.timer = setTimeout(() => void this.refresh(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    } else {
      this.nEvents = list.nEvents ?? this.nEvents;
      this.retryMs = FIRST_RETRY_MS;
      // The same items under another request_id would be counted as shown once more.
      if (this.shown && looksTheSame(this.shown, list)) return;
    }
    this.shown = list;
    this.show(list);
  }
}
