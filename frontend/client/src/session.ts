/** The shopper's token, fetched when it is needed, renewed before it ends. */

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

  /** A token that is good for a while; callers that come together share one question. */
  async token(): Promise<string> {
    if (this.current && this.nowMs() < this.current.renewAtMs) return this.current.token;
    this.asking ??= this.renew().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** The token at hand, for a page that is about to go and cannot wait. */
  tokenAtHand(): string | undefined {
    return this.current?.token;
  }

  /** The platform refused it. */
  forget(token: string): void {
    if (this.current?.token === token) this.current = undefined;
  }

  private async renew(): Promise<string> {
    const askedAtMs = this.nowMs();
    const { token, expires_in_s } = await this.ask();
    // Half of its life for a token shorter than two minutes: asking without end would be worse than a token that ends.
    const lifeMs = expires_in_s * 1000;
    this.current = { token, renewAtMs: askedAtMs + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2) };
    return token;
  }
}
