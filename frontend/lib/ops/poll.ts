/** Figures asked for again and again: never two questions at once, none while nobody looks. */

export interface Polled<T> {
  /** The newest answer; stays when later questions fail. */
  value: T | null;
  /** When that answer came, ms of the clock. */
  at: number | null;
  /** Why the newest question has no answer. */
  problem: string | null;
}

export interface Poll<T> {
  ask: (signal: AbortSignal) => Promise<T>;
  tell: (polled: Polled<T>) => void;
  everyMs: number;
  timeoutMs: number;
  now: () => number;
  /** Whether somebody looks at the page. */
  watched: () => boolean;
}

/** Starts at once; the returned function ends it. */
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
