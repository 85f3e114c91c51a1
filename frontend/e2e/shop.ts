/** A shop in a browser: the shopper, the requests sent, the answers. */

import { test as base, expect, type Page } from "@playwright/test";
import type { components } from "../client/src/api/shop";

export type Sent = components["schemas"]["ClientInteraction"] & { query?: string };
export type Recommended = components["schemas"]["RecommendAnswer"];

const TENANT = "grocer";

/** Shoppers that the installation has for these tests, by name; no two tests share one. */
export const SHOPPERS: Record<string, string> = JSON.parse(process.env.SHOPPERS ?? "{}");

export class ShopPage {
  readonly sent: Sent[] = [];
  readonly recommended: Recommended[] = [];
  readonly refused: string[] = [];

  constructor(readonly page: Page) {
    page.on("request", (request) => {
      if (request.url().endsWith("/events") && request.method() === "POST") this.sent.push(...request.postDataJSON());
    });
    page.on("response", async (response) => {
      if (!response.url().endsWith("/recommend") || response.request().method() !== "POST" || !response.ok()) return;
      await response.json().then(
        (answer) => this.recommended.push(answer),
        () => {}, // the page went on meanwhile
      );
    });
    page.on("console", (message) => {
      if (/Content Security Policy|CORS policy|hydrat/i.test(message.text())) this.refused.push(message.text());
    });
  }

  async enterAs(shopper: string, address = "/"): Promise<void> {
    const userId = SHOPPERS[shopper];
    expect(userId, `a shopper ${shopper} in SHOPPERS`).toBeTruthy();
    await this.page.addInitScript(
      ([tenant, user]) => {
        if (localStorage.getItem("recommndr.tenant")) return;
        localStorage.setItem("recommndr.tenant", JSON.stringify(tenant));
        localStorage.setItem(`recommndr.user.${tenant}`, JSON.stringify(user));
      },
      [TENANT, userId],
    );
    await this.page.goto(address);
  }

  rail(name: "for-you" | "similar") {
    return this.page.locator(`[data-rail="${name}"]`);
  }

  /** Moves the mouse off everything: a list under the mouse does not change. */
  async takeMouseAway(): Promise<void> {
    await this.page.mouse.move(1, 1);
  }

  cards(rail: "for-you" | "similar") {
    return this.rail(rail).locator("article[data-item]");
  }

  async idsIn(rail: "for-you" | "similar"): Promise<string[]> {
    await expect(this.cards(rail).first()).toBeVisible();
    return this.cards(rail).evaluateAll((cards) => cards.map((card) => card.getAttribute("data-item") ?? ""));
  }

  sentOf(kind: string): Sent[] {
    return this.sent.filter((event) => event.kind === kind);
  }
}

export const test = base.extend<{ shop: ShopPage }>({
  shop: async ({ page }, use) => {
    const shop = new ShopPage(page);
    await use(shop);
    expect(shop.refused, "nothing that the browser refuses").toEqual([]);
  },
});

export { expect };
