/** One shopper in one shop: what is done on the pages becomes events, cart and memory. Made anew when either is switched. */

import {
  type Card,
  EventQueue,
  Impressions,
  interaction,
  type Kind,
  type Line,
  type List,
  lineOf,
  linesOf,
  type Place,
  type Product,
  Recent,
  type RecentAction,
  type RecentKind,
  Recommndr,
  readArray,
  Session,
  type Store,
  search,
  type Teller,
  type Token,
  Trail,
} from "@recommndr/client";
import type { Cart } from "./cart";
import * as carts from "./cart";
import { Shelf } from "./shelf";
import type { Choice } from "./shops";

/** Hears that the platform has just acknowledged events other than impressions. */
type Heard = () => void;

/** How many of the shopper's events a list should know of: what the last list knew, and what was acknowledged since. */
export interface Stored {
  nEvents: number;
}

export class Visit {
  readonly platform: Recommndr;
  readonly impressions: Impressions;
  readonly shelf: Shelf;
  /** Kept from page to page, so that the next page's list is not older than the shopper's last action. */
  readonly stored: Stored = { nEvents: 0 };
  private readonly queue: EventQueue;
  private readonly trail: Trail;
  private readonly recent: Recent;
  private readonly heard = new Set<Heard>();
  private readonly changed = new Set<() => void>();
  private currentCart: Cart;
  private actions: readonly RecentAction[];

  constructor(
    readonly choice: Choice,
    edgeUrl: string,
    private readonly store: Store,
    private readonly teller: Teller,
    /** Hears that the visitor is somebody else by now. */
    outdated: () => void = () => {},
  ) {
    this.platform = new Recommndr(edgeUrl, new Session(() => askForToken(choice, outdated)));
    this.queue = new EventQueue(
      store,
      this.key("events"),
      (events) => this.platform.send(events),
      (events) => this.tellHeard(events.filter((event) => event.kind !== "impression").length),
    );
    this.trail = new Trail(store, this.key("trail"));
    this.recent = new Recent(store, this.key("recent"));
    this.shelf = new Shelf(store, `recommndr.shelf.${choice.shop.tenant}`);
    this.impressions = new Impressions((cards) => this.saw(cards));
    this.currentCart = readArray(store, this.key("cart"));
    this.actions = this.recent.actions();
  }

  get userId(): string {
    return this.choice.userId;
  }

  /** Whether the platform may know something of the shopper. */
  get isKnown(): boolean {
    const { shop, userId } = this.choice;
    const played = shop.shoppers.find((each) => each.user_id === userId);
    return this.actions.length > 0 || (played ? played.kind !== "cold" : shop.visitor.signed_in);
  }

  /** The shopper chose a place of a list. */
  clicked(list: List, place: Place): void {
    this.trail.follow(place.product.item_id, list.attribution);
    this.did("click", [lineOf(place.product, { position: place.position })], list.attribution);
  }

  /** The shopper looks at a product. */
  viewed(product: Product): void {
    this.note(product, "view");
    this.did("view", [lineOf(product)]);
  }

  searched(query: string): void {
    this.queue.add(search(this.teller, query));
  }

  /** Into the cart, from a list or from the product's own page. */
  putIntoCart(product: Product, quantity = 1, list?: List): void {
    if (list) this.trail.follow(product.item_id, list.attribution);
    this.note(product, "add_to_cart");
    this.setCart(carts.add(this.currentCart, product, quantity));
    this.did("add_to_cart", [lineOf(product, { quantity })]);
  }

  /** More or fewer of it; 0 takes it out. */
  setQuantity(product: Product, quantity: number): void {
    const before = carts.quantityOf(this.currentCart, product.item_id);
    this.setCart(carts.setQuantity(this.currentCart, product, quantity));
    const change = carts.quantityOf(this.currentCart, product.item_id) - before;
    if (change !== 0) {
      this.did(change > 0 ? "add_to_cart" : "remove_from_cart", [lineOf(product, { quantity: Math.abs(change) })]);
    }
  }

  /** Buys what is in the cart; the order as it was. */
  checkOut(): Cart {
    const order = this.currentCart;
    if (order.length === 0) return order;
    for (const { product } of order) this.note(product, "purchase");
    this.did("purchase", linesOf(order));
    this.setCart([]);
    return order;
  }

  /** What the platform calls similar to what was looked at: later lists may be explained by it. */
  noteSimilar(itemId: string, list: List): void {
    const ids = list.places.map((place) => place.product.item_id);
    this.recent.noteSimilar(itemId, ids);
    this.tellChanged();
  }

  /** These two are the same values until something changes. */
  cart = (): Cart => this.currentCart;
  recentActions = (): readonly RecentAction[] => this.actions;

  /** Hears when cart or recent actions are others. */
  onChange = (changed: () => void): (() => void) => {
    this.changed.add(changed);
    return () => this.changed.delete(changed);
  };

  onHeard(heard: Heard): () => void {
    this.heard.add(heard);
    return () => this.heard.delete(heard);
  }

  /** Sends what an earlier page left behind. */
  resume(): void {
    this.queue.resume();
  }

  /** The page goes: a last try that nobody waits for. What it loses is sent by the next page. */
  leave(): void {
    this.impressions.flush();
    this.platform.sendOnLeave(this.queue.lastWords());
  }

  private saw(cards: Card[]): void {
    const attribution = cards[0]?.attribution ?? null;
    this.did(
      "impression",
      cards.map(({ itemId, position }) => ({ item_id: itemId, position })),
      attribution,
    );
  }

  private did(kind: Kind, lines: Line[], attribution = this.trail.tokenOf(lines.map((line) => line.item_id))): void {
    this.queue.add(interaction(this.teller, kind, lines, attribution));
  }

  private setCart(cart: Cart): void {
    this.currentCart = cart;
    this.store.write(this.key("cart"), cart);
    this.tellChanged();
  }

  private note(product: Product, kind: RecentKind): void {
    this.recent.note(product.item_id, product.title, kind);
    this.tellChanged();
  }

  private tellChanged(): void {
    this.actions = this.recent.actions();
    for (const changed of this.changed) changed();
  }

  private tellHeard(nActions: number): void {
    if (nActions === 0) return;
    this.stored.nEvents += nActions;
    for (const heard of this.heard) heard();
  }

  private key(name: string): string {
    return `recommndr.${name}.${this.choice.shop.tenant}.${this.userId}`;
  }
}

/** The shop's own server knows who the visitor is: it refuses a name that is no longer the visitor's, after a login for example. */
async function askForToken({ shop, userId }: Choice, outdated: () => void): Promise<Token> {
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenant: shop.tenant, user_id: userId }),
  });
  if (answer.status === 403) outdated();
  if (!answer.ok) throw new Error(`POST /session: ${answer.status}`);
  return answer.json();
}
