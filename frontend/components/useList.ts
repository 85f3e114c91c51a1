"use client";

import { freshList, type List, looksTheSame } from "@recommndr/client";
import { useEffect, useState } from "react";
import type { Stored, Visit } from "@/lib/visit";

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 20_000;

/**
 * The result of `ask`: undefined while it is loading, null when there is none; a failed request is repeated.
 * A list that follows a visit is requested again when the platform has acknowledged an action.
 */
export function useList(ask: (() => Promise<List>) | undefined, following?: Visit): List | undefined | null {
  const [state, setState] = useState<{ ask: typeof ask; list: List | null }>();
  useEffect(() => {
    if (!ask) return;
    const follower = new Follower(ask, (list) => setState({ ask, list }), following?.stored ?? { nEvents: 0 });
    const stop = following?.onAcknowledged(() => void follower.refresh());
    return () => {
      stop?.();
      follower.stop();
    };
  }, [ask, following]);
  return state?.ask === ask ? state?.list : undefined;
}

class Follower {
  private turn = 0;
  private shown: List | null = null;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: () => Promise<List>,
    private readonly show: (list: List | null) => void,
    private readonly stored: Stored,
  ) {
    void this.refresh();
  }

  stop(): void {
    this.turn += 1;
    clearTimeout(this.timer);
  }

  async refresh(): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    clearTimeout(this.timer);
    const list = await freshList(this.ask, this.stored.nEvents).catch(() => null);
    if (turn !== this.turn) return;
    if (list === null) {
      this.timer = setTimeout(() => void this.refresh(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    } else {
      this.stored.nEvents = list.nEvents ?? this.stored.nEvents;
      this.retryMs = FIRST_RETRY_MS;
      // The same items with another request_id would be counted as shown again.
      if (this.shown && looksTheSame(this.shown, list)) return;
    }
    this.shown = list;
    this.show(list);
  }
}
