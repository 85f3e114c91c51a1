/** Keeps one list up to date: repeats a request that failed or got an empty list that may fill, and passes on only lists that look different. */

import { freshList, type List, looksTheSame, mayFill } from "@recommndr/client";
import type { Stored } from "./visit";

export const FIRST_RETRY_MS = 2_000;
export const LAST_RETRY_MS = 20_000;

export class ListFollower {
  private turn = 0;
  private shown: List | null = null;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `show` gets null while there is no list. */
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
    const answer = await freshList(this.ask, this.stored.nEvents).catch(() => null);
    const list = answer && mayFill(answer) ? null : answer;
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
