/** Polls figures: one request at a time, none while the page is hidden. */

export interface Polled<T> {
  /** The newest answer; it stays when later requests fail. */
  value: T | null;
  /** When that answer came, in ms of the clock. */
  at: number | null;
  /** Why the newest request failed. */
  problem: string | null;
}

export interface Poll<T> {
  ask: (signal: AbortSignal) => Promise<T>;
  tell: (polled: Polled<T>) => void;
  everyMs: number;
  timeoutMs: number;
  now: () => number;
  /** Whether the page is visible. */
  watched: () => boolean;
}

/** Starts at once; the returned function stops it. */
export function poll<T>({ ask, tell, everyMs, timeoutMs, now, watched }: Poll<T>): () => void {
  let polled: Polled<T> = { value: null, at: null, problem: null };
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function once(): Promise<void> {
    if (watched()) {
      try {
        polled = { value: await ask(AbortSignal.timeout(timeoutMs)), at: now(), problem: null };
      } catch (cause) {
        polled = { ...polled, problem: cause instanceof Error ? cause.message : String(cause) };
      }
      if (!ended) tell(polled);
    }
    if (!ended) timer = setTimeout(() => void once(), everyMs);
  }

  void once();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
