/** A platform in the browser's routes: it gives set answers at once and records requests. For what pages do by themselves. */

import { test as base, expect, type Page, type Request, type Route } from "@playwright/test";
import { CATALOGUE, type CatalogueItem } from "./catalogue";

export interface Sent {
  event_id: string;
  kind: string;
  user_id: string;
  session_id: string;
  query?: string;
  lines?: { item_id: string; quantity?: number; position?: number }[];
}

interface Listed extends CatalogueItem {
  sources: string[];
  explanation?: { orders: number; days_between_orders: number | null };
}

export class Platform {
  readonly events: Sent[] = [];
  readonly recommended: string[][] = [];
  /** The shopper's own list, by the number of actions that the platform has received. */
  forYou: (nActions: number) => Listed[] = (nActions) => sells(CATALOGUE.slice(10 + nActions, 28 + nActions));

  constructor(readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.route("http://edge.test/**", (route) => this.answer(route));
    await this.page.route("**/session", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ json: { token: "t", expires_in_s: 900 } })
        : route.continue(),
    );
  }

  sentOf(kind: string): Sent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  private async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const headers = { "access-control-allow-origin": "*" };
    const json = this.answerTo(url, request);
    return json === undefined
      ? route.fulfill({ status: 404, json: {}, headers })
      : route.fulfill({ json, headers, ...status(url) });
  }

  private answerTo(url: URL, request: Request): unknown {
    const asked = url.searchParams;
    switch (url.pathname) {
      case "/events":
        return this.hear(request.postDataJSON());
      case "/recommend":
        return this.recommend(request.postDataJSON());
      case "/popular": {
        const found = CATALOGUE.filter((item) => isIn(item, asked.getAll("category")));
        return list(sells(found.slice(0, Number(asked.get("k")))));
      }
      case "/similar_items":
      case "/trending":
        return list(sells(CATALOGUE.filter((item) => item.item_id !== asked.get("item_id")).slice(0, 16)));
      case "/search":
        return pageOf(asked);
    }
    return CATALOGUE.find((item) => url.pathname === `/items/${item.item_id}`);
  }

  private hear(events: Sent[]): unknown {
    this.events.push(...events);
    return { results: events.map(({ event_id }) => ({ event_id, status: 202 })) };
  }

  private recommend(asked: { exclude: string[]; filters?: { category: string[] } }): unknown {
    const nActions = this.events.filter((event) => event.kind !== "impression").length;
    const items = this.forYou(nActions).filter(
      (item) => !asked.exclude.includes(item.item_id) && isIn(item, asked.filters?.category ?? []),
    );
    this.recommended.push(items.map((item) => item.item_id));
    return { ...list(items), attribution: `token-${nActions}`, user_profile: { stored: { n_events: nActions } } };
  }
}

function isIn(item: CatalogueItem, path: string[]): boolean {
  return path.every((name, depth) => item.category_path[depth] === name);
}

let nLists = 0;
function list(items: Listed[]) {
  nLists += 1;
  return { request_id: `list-${nLists}`, items: items.map((item) => ({ ...item, score: 1, rank: 1, reason: "" })) };
}

export function sells(items: CatalogueItem[], source = "popularity"): Listed[] {
  return items.map((item) => ({ ...item, sources: [source] }));
}

function pageOf(asked: URLSearchParams) {
  const q = asked.get("q")?.toLowerCase() ?? "";
  const [low, high] = [Number(asked.get("price_min") ?? 0), Number(asked.get("price_max") ?? 1e9)];
  const found = CATALOGUE.filter(
    (item) =>
      item.title.toLowerCase().includes(q) &&
      (asked.get("brand") ?? item.brand) === item.brand &&
      isIn(item, asked.getAll("category")) &&
      item.price_minor >= low &&
      item.price_minor <= high,
  );
  const start = Number(asked.get("cursor") ?? 0);
  const end = start + Number(asked.get("limit"));
  return { items: found.slice(start, end), next_cursor: end < found.length ? String(end) : null };
}

function status(url: URL) {
  return url.pathname === "/events" ? { status: 207 } : {};
}

export const test = base.extend<{ platform: Platform }>({
  platform: [
    async ({ page }, use) => {
      const refused: string[] = [];
      page.on("console", (message) => {
        if (/Content Security Policy|CORS policy|hydrat/i.test(message.text())) refused.push(message.text());
      });
      const platform = new Platform(page);
      await platform.open();
      await use(platform);
      expect(refused, "nothing that the browser refuses").toEqual([]);
    },
    { auto: true },
  ],
});

export { CATALOGUE, expect };
