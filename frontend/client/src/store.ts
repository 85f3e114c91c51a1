/** Keeps small JSON values from page to page: in localStorage, or in memory where the browser refuses it. */

export interface Store {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

export class MemoryStore implements Store {
  private readonly values = new Map<string, string>();

  read(key: string): unknown {
    const text = this.values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  write(key: string, value: unknown): void {
    this.values.set(key, JSON.stringify(value));
  }
}

export class BrowserStore implements Store {
  // Values that cannot be written (private mode, quota) are kept until the page is closed.
  private readonly fallback = new MemoryStore();

  read(key: string): unknown {
    try {
      const text = localStorage.getItem(key);
      return text === null ? this.fallback.read(key) : JSON.parse(text);
    } catch {
      return this.fallback.read(key);
    }
  }

  write(key: string, value: unknown): void {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      this.fallback.write(key, value);
    }
  }
}

/** The array under `key`; anything else counts as empty. */
export function readArray<T>(store: Store, key: string): T[] {
  const value = store.read(key);
  return Array.isArray(value) ? value : [];
}
