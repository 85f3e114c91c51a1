/** Client of the platform: lists, items, events. Every method throws `Unavailable` when there is no answer to show. */

import createClient from "openapi-fetch";
import type { components, paths } from "./api/shop.ts";
import { edgeFetch, type Fetch } from "./edge.ts";
import type { Habit, List, Place } from "./list.ts";
import { FIELDS, type Product, productOf } from "./product.ts";
import type { Session } from "./session.ts";

export type ClientEvent =
  | components["schemas"]["ClientInteraction"]
  | components["schemas"]["ClientSearch"]
  | components["schemas"]["ClientIdentify"];

/** Filters of a catalogue page. */
export interface ItemFilters {
  q?: string;
  /** Category path, root first. */
  category?: string[];
  brand?: string;
  /** In minor units, both ends included. */
  priceMin?: number;
  priceMax?: number;
}

/** A page of a search; `matched` is `some` where no item has all words. */
export interface SearchPage {
  products: Product[];
  next: string | null;
  total: number;
  matched: "all" | "some" | "none" | null;
  facets: components["schemas"]["SearchFacets"] | null;
}

export class Unavailable extends Error {
  override name = "Unavailable";
}

/** Pages do not wait longer for a list; they are shown without it. */
const LIST_TIMEOUT_MS = 2_000;
const EVENTS_TIMEOUT_MS = 8_000; // the collector waits five seconds for Kafka

type MadeList = Omit<components["schemas"]["ListAnswer"], "took_ms">;

/** The asked items with the first that are bought with them, and the price of all. */
export type ItemBundle = components["schemas"]["ItemBundle"];

/** One list of a page: its length, scope, filters, and how much alike its items may be. */
export type Rail = Partial<components["schemas"]["Rail"]>;

/** What the shopper did in this visit, as far as no events tell of it. */
export type Visit = Partial<Pick<components["schemas"]["BatchRequest"], "cart" | "viewed">>;

export class Recommndr {
  private readonly serving;
  private readonly collector;

  constructor(
    private readonly edgeUrl: string,
    private readonly session: Session,
    send?: Fetch,
  ) {
    this.serving = createClient<paths>({ baseUrl: edgeUrl, fetch: edgeFetch(session, LIST_TIMEOUT_MS, send) });
    this.collector = createClient<paths>({
      baseUrl: edgeUrl,
      fetch: edgeFetch(session, EVENTS_TIMEOUT_MS, send),
    });
  }

  /** The shopper's own list, in one category or in all. */
  async recommend(userId: string, k: number, category: string[] = [], exclude: string[] = []): Promise<List> {
    const body = {
      user_id: userId,
      k,
      explain: true, // says how often the shopper buys an item
      fields: [...FIELDS],
      exclude,
      filters: { category },
    };
    const answer = await answered(this.serving.POST("/recommend", { body }));
    return { ...listOf(answer), nEvents: answer.user_profile.stored?.n_events ?? null };
  }

  /** The lists of one page in one call; no item is in two of them. */
  async page(userId: string, rails: Rail[], visit: Visit = {}): Promise<List[]> {
    const lists = rails.map((rail) => ({ explain: true, fields: [...FIELDS], ...rail }));
    const body = { user_id: userId, lists, ...visit };
    const answer = await answered(this.serving.POST("/recommend/batch", { body }));
    return answer.lists.map((one) => ({ ...listOf(one), nEvents: one.user_profile.stored?.n_events ?? null }));
  }

  /** Items similar to one item. */
  async similar(itemId: string, k: number): Promise<List> {
    const query = { item_id: itemId, k, fields: [...FIELDS] };
    return listOf(await answered(this.serving.GET("/similar_items", { params: { query } })));
  }

  /** What is often bought together with an item or with a cart's; similar items where no basket proves any. */
  async together(itemIds: string[], k: number): Promise<List & { bundle: ItemBundle | null }> {
    const query = { item_id: itemIds, k, fields: [...FIELDS] };
    const answer = await answered(this.serving.GET("/frequently_bought_together", { params: { query } }));
    return { ...listOf(answer), bundle: answer.bundle ?? null };
  }

  /** Best-sellers, in one category or in all. */
  async popular(k: number, category: string[] = []): Promise<List> {
    const query = { k, fields: [...FIELDS], category };
    return listOf(await answered(this.serving.GET("/popular", { params: { query } })));
  }

  /** What rises, in one category or in all. */
  async trending(k: number, category: string[] = []): Promise<List> {
    const query = { k, fields: [...FIELDS], category };
    return listOf(await answered(this.serving.GET("/trending", { params: { query } })));
  }

  /** One page of what is found, best matches first, then what sells; without words everything. `facets` narrow a search. */
  async search(filters: ItemFilters, limit: number, cursor?: string, facets = false): Promise<SearchPage> {
    const query = {
      limit,
      category: filters.category,
      brand: filters.brand,
      q: filters.q,
      price_min: filters.priceMin,
      price_max: filters.priceMax,
      cursor,
      facets,
    };
    const page = await answered(this.serving.GET("/search", { params: { query } }));
    const { total, matched } = page;
    return { products: page.items.map(productOf), next: page.next_cursor, total, matched, facets: page.facets };
  }

  /** One item; null when the catalogue does not have it. */
  async item(itemId: string): Promise<Product | null> {
    const asking = this.serving.GET("/items/{item_id}", { params: { path: { item_id: itemId } } });
    const { data, response } = await reached(asking);
    if (response.status === 404) return null;
    if (!data) throw new Unavailable(`GET /items/${itemId}: ${response.status}`);
    return productOf(data);
  }

  /** Sends a batch and returns the answer with its status; throws when there is no answer. */
  async send(events: ClientEvent[]): Promise<{ status: number; outcomes: number[]; retryAfterS: number }> {
    const { data, response } = await reached(this.collector.POST("/events", { body: events }));
    const outcomes = data && "results" in data ? data.results.map((result) => result.status) : [];
    return { status: response.status, outcomes, retryAfterS: Number(response.headers.get("retry-after") ?? 0) };
  }

  /** Sends while the page is being closed. The answer is not read, so the next page sends the same events again. */
  sendOnLeave(events: ClientEvent[]): void {
    const token = this.session.tokenAtHand();
    if (events.length === 0 || token === undefined) return;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify(events);
    void fetch(`${this.edgeUrl}/events`, { method: "POST", headers, body, keepalive: true }).catch(() => {});
  }
}

function listOf(answer: MadeList): List {
  const places = answer.items.map(
    (item, position): Place => ({
      product: productOf(item),
      position,
      sources: item.sources,
      reason: item.reason,
      habit: habitOf(item.explanation),
    }),
  );
  return {
    id: answer.request_id,
    attribution: answer.attribution,
    places,
    nEvents: null,
    withoutModel: answer.ladder === "static",
  };
}

function habitOf(explanation: components["schemas"]["ListedItem"]["explanation"]): Habit | null {
  if (!explanation?.orders) return null;
  return { orders: explanation.orders, daysBetween: explanation.days_between_orders };
}

interface Reached<T> {
  data?: T;
  response: Response;
}

async function reached<T>(asking: Promise<Reached<T>>): Promise<Reached<T>> {
  try {
    return await asking;
  } catch (cause) {
    throw new Unavailable("no answer", { cause });
  }
}

async function answered<T>(asking: Promise<Reached<T>>): Promise<T> {
  const { data, response } = await reached(asking);
  if (data === undefined) throw new Unavailable(`${response.url}: ${response.status}`);
  return data;
}
