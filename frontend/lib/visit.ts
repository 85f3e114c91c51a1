/** One shopper in one shop: turns actions on the pages into events, keeps cart and recent actions. */

import {
  type Card,
  type EventContext,
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
  type Token,
  Trail,
} from "@recommndr/client";
import type { Cart } from "./cart";
import * as carts from "./cart";
import { Shelf } from "./shelf";
import type { Choice } from "./shops";

/** Called when the platform has acknowledged events other than impressions. */
type AcknowledgedListener = () => void;

/** Number of the shopper's events that a new list must contain: those in the last list plus those acknowledged since. */
export interface Stored {
  nEvents: number;
}

export class Visit {
  readonly platform: Recommndr;
  readonly impressions: Impressions;
  readonly shelf: Shelf;
  /** Kept from page to page, so that the next page's list contains the shopper's last action. */
  readonly stored: Stored = { nEvents: 0 };
  private readonly queue: EventQueue;
  private readonly trail: Trail;
  private readonly recent: Recent;
  private readonly acknowledged = new Set<AcknowledgedListener>();
  private readonly changed = new Set<() => void>();
  private currentCart: Cart;
  private actions: readonly RecentAction[];

  constructor(
    readonly choice: Choice,
    edgeUrl: string,
    private readonly store: Store,
    private readonly context: EventContext,
    /** Called when the visitor is somebody else by now. */
    outdated: () => void = () => {},
  ) {
    this.platform = new Recommndr(edgeUrl, new Session(() => askForToken(choice, outdated)));
    this.queue = new EventQueue(
      store,
      this.key("events"),
      (events) => this.platform.send(events),
      (events) => this.notifyAcknowledged(events.filter((event) => event.kind !== "impression").length),
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

  /** The shopper clicked a place of a list. */
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
    this.queue.add(search(this.context, query));
  }

  /** The shopper puts a product into the cart, from a list or from the product's own page. */
  putIntoCart(product: Product, quantity = 1, list?: List): void {
    if (list) this.trail.follow(product.item_id, list.attribution);
    this.note(product, "add_to_cart");
    this.setCart(carts.add(this.currentCart, product, quantity));
    this.did("add_to_cart", [lineOf(product, { quantity })]);
  }

  /** Changes the quantity in the cart; 0 removes the product. */
  setQuantity(product: Product, quantity: number): void {
    const before = carts.quantityOf(this.currentCart, product.item_id);
    this.setCart(carts.setQuantity(this.currentCart, product, quantity));
    const change = carts.quantityOf(this.currentCart, product.item_id) - before;
    if (change !== 0) {
      this.did(change > 0 ? "add_to_cart" : "remove_from_cart", [lineOf(product, { quantity: Math.abs(change) })]);
    }
  }

  /** Buys what is in the cart and returns it. */
  checkOut(): Cart {
    const order = this.currentCart;
    if (order.length === 0) return order;
    for (const { product } of order) this.note(product, "purchase");
    this.did("purchase", linesOf(order));
    this.setCart([]);
    return order;
  }

  /** Notes the items similar to a viewed item: reasons of later lists may name it. */
  noteSimilar(itemId: string, list: List): void {
    const ids = list.places.map((place) => place.product.item_id);
    this.recent.noteSimilar(itemId, ids);
    this.notifyChanged();
  }

  /** Both return the same object until something changes, as `useSyncExternalStore` requires. */
  cart = (): Cart => this.currentCart;
  recentActions = (): readonly RecentAction[] => this.actions;

  /** Registers a listener for changes of cart or recent actions; returns the function that removes it. */
  onChange = (changed: () => void): (() => void) => {
    this.changed.add(changed);
    return () => this.changed.delete(changed);
  };

  onAcknowledged(acknowledged: AcknowledgedListener): () => void {
    this.acknowledged.add(acknowledged);
    return () => this.acknowledged.delete(acknowledged);
  }

  /** Sends events that an earlier page did not get acknowledged. */
  resume(): void {
    this.queue.resume();
  }

  /** The page is being closed: sends waiting events as a beacon. The next page sends again what this one loses. */
  leave(): void {
    this.impressions.flush();
    this.platform.sendOnLeave(this.queue.beaconBatch());
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
    this.queue.add(interaction(this.context, kind, lines, attribution));
  }

  private setCart(cart: Cart): void {
    this.currentCart = cart;
    this.store.write(this.key("cart"), cart);
    this.notifyChanged();
  }

  private note(product: Product, kind: RecentKind): void {
    this.recent.note(product.item_id, product.title, kind);
    this.notifyChanged();
  }

  private notifyChanged(): void {
    this.actions = this.recent.actions();
    for (const changed of this.changed) changed();
  }

  private notifyAcknowledged(nActions: number): void {
    if (nActions === 0) return;
    this.stored.nEvents += nActions;
    for (const acknowledged of this.acknowledged) acknowledged();
  }

  private key(name: string): string {
    return `recommndr.${name}.${this.choice.shop.tenant}.${this.userId}`;
  }
}

/** Asks the shop's own server for a token; the server refuses an id that is no longer the visitor's, for example after a login. */
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
