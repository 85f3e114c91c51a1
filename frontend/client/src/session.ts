/** The shopper's token: fetched when needed, renewed before it expires. */

export interface Token {
  token: string;
  expires_in_s: number;
}

const RENEW_BEFORE_MS = 60_000;

export class Session {
  private current: { token: string; renewAtMs: number } | undefined;
  private asking: Promise<string> | undefined;

  constructor(
    private readonly ask: () => Promise<Token>,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** A valid token; concurrent callers share one request. */
  async token(): Promise<string> {
    if (this.current && this.nowMs() < this.current.renewAtMs) return this.current.token;
    this.asking ??= this.renew().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** The current token if there is one, for a page that is being closed and cannot wait. */
  tokenAtHand(): string | undefined {
    return this.current?.token;
  }

  /** Drops a token that the platform refused. */
  forget(token: string): void {
    if (this.current?.token === token) this.current = undefined;
  }

  private async renew(): Promise<string> {
    const askedAtMs = this.nowMs();
    const { token, expires_in_s } = await this.ask();
    // A token of less than two minutes is renewed after half of its life; renewing earlier would never end.
    const lifeMs = expires_in_s * 1000;
    this.current = { token, renewAtMs: askedAtMs + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2) };
    return token;
  }
}
