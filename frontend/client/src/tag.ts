/**
 * The script tag: rails and events for pages that are not built with a bundler. It is built into one file, `recommndr.js`.
 *
 *     <script src="…/recommndr.js" data-edge="…" data-session="/session" data-user="1111" data-link="/products/{item_id}" defer></script>
 *     <section data-recommndr="recommend" data-k="12" hidden><h2>For you</h2></section>
 *
 * A section stays hidden until there is a list. What happens on a page is told by `recommndr.add(kind, lines)`.
 */

import { type EventContext, interaction, type Kind, type Line, lineOf } from "./events.ts";
import { type Card, Impressions } from "./impressions.ts";
import type { List, Place } from "./list.ts";
import { price } from "./money.ts";
import { EventQueue } from "./queue.ts";
import { Recommndr } from "./recommndr.ts";
import { Session } from "./session.ts";
import { BrowserStore } from "./store.ts";
import { Trail } from "./trail.ts";
import { VisitId } from "./visitId.ts";

const PHONE = "(max-width: 640px)";
const DEFAULT_K = 12;

declare global {
  interface Window {
    recommndr?: Tag;
  }
}

/** The attributes of the script tag. */
export interface Options {
  edge: string;
  session: string;
  user: string;
  /** A product's address; `{item_id}` stands for its id. */
  link: string;
}

/** Reads the attributes; throws an error that names the one that is missing. */
export function optionsOf(given: DOMStringMap): Options {
  const { edge, session, user, link } = given;
  for (const [name, value] of Object.entries({ edge, user, link })) {
    if (!value) throw new Error(`recommndr.js: the script tag needs data-${name}`);
  }
  return { edge: edge as string, session: session ?? "/session", user: user as string, link: link as string };
}

export class Tag {
  private readonly platform: Recommndr;
  private readonly queue: EventQueue;
  private readonly trail: Trail;
  private readonly context: EventContext;
  private readonly impressions: Impressions;

  constructor(private readonly options: Options) {
    const { user } = options;
    const store = new BrowserStore();
    const session = new Session(async () => (await fetch(options.session, { method: "POST" })).json());
    const visit = new VisitId(store, `visit.${user}`);
    this.platform = new Recommndr(options.edge, session);
    this.queue = new EventQueue(store, `events.${user}`, (events) => this.platform.send(events));
    this.trail = new Trail(store, `trail.${user}`);
    this.context = {
      userId: user,
      sessionId: () => visit.current(),
      device: matchMedia(PHONE).matches ? "mobile" : "desktop",
      page: () => location.pathname,
    };
    this.impressions = new Impressions((cards: Card[]) => {
      const lines = cards.map(({ itemId, position }) => ({ item_id: itemId, position }));
      this.tell("impression", lines, cards[0]?.attribution ?? null);
    });
  }

  /** Fills every section of the page, and sends what an earlier page left behind. */
  start(page: Document): void {
    this.queue.resume();
    page.addEventListener("visibilitychange", () => this.impressions.tabInFront(page.visibilityState === "visible"));
    window.addEventListener("pagehide", () => {
      this.impressions.flush();
      this.platform.sendOnLeave(this.queue.beaconBatch());
    });
    for (const section of page.querySelectorAll<HTMLElement>("[data-recommndr]")) void this.fill(section);
  }

  /** Sends what the shopper did: `recommndr.add("view", [{ item_id: "7" }])`. A list that led to the items is credited. */
  add(kind: Kind, lines: Line[]): void {
    this.tell(kind, lines, this.trail.tokenOf(lines.map((line) => line.item_id)));
  }

  private tell(kind: Kind, lines: Line[], attribution: string | null): void {
    this.queue.add(interaction(this.context, kind, lines, attribution));
  }

  private async fill(section: HTMLElement): Promise<void> {
    const list = await this.listFor(section.dataset).catch((problem: unknown) => {
      console.warn("recommndr.js: no list for", section, problem); // the page goes on without it
      return null;
    });
    if (!list?.places.length) return;
    const cards = document.createElement("ul");
    cards.className = "recommndr-list";
    for (const place of list.places) cards.append(this.card(list, place));
    section.append(cards);
    section.hidden = false;
  }

  private async listFor({ recommndr, k, item, category }: DOMStringMap): Promise<List> {
    const n = Number(k ?? DEFAULT_K);
    const path = category ? category.split(">").map((name) => name.trim()) : undefined;
    switch (recommndr) {
      case "recommend":
        return this.platform.recommend(this.options.user, n, path);
      case "popular":
        return this.platform.popular(n, path);
      case "trending":
        return this.platform.trending(n, path);
      case "similar":
      case "together":
        if (!item) throw new Error(`data-recommndr="${recommndr}" needs data-item`);
        return recommndr === "similar" ? this.platform.similar(item, n) : this.platform.together([item], n);
      default:
        throw new Error(`data-recommndr="${recommndr}": expected recommend, similar, together, popular or trending`);
    }
  }

  private card(list: List, place: Place): HTMLLIElement {
    const { product, position } = place;
    const card = document.createElement("li");
    card.className = "recommndr-card";
    card.dataset.item = product.item_id;
    const link = document.createElement("a");
    link.href = this.options.link.replace("{item_id}", encodeURIComponent(product.item_id));
    if (product.image_url !== null) link.append(picture(product.image_url));
    link.append(text("recommndr-title", product.title));
    if (product.price_minor !== null && product.currency !== null) {
      const language = document.documentElement.lang || navigator.language;
      link.append(text("recommndr-price", price(product.price_minor, product.currency, language)));
    }
    if (place.reason) link.append(text("recommndr-reason", place.reason));
    card.append(link);
    this.impressions.watch(card, { listId: list.id, attribution: list.attribution, itemId: product.item_id, position });
    link.addEventListener("click", () => {
      this.trail.follow(product.item_id, list.attribution);
      this.tell("click", [lineOf(product, { position })], list.attribution);
    });
    return card;
  }
}

function picture(address: string): HTMLImageElement {
  const image = document.createElement("img");
  image.src = address;
  image.alt = ""; // the title says what it is
  image.loading = "lazy";
  return image;
}

function text(name: string, content: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = content;
  return span;
}
