/**
 * Reports impressions: at least half of a card was visible for a second in a tab in front, once per list and item.
 * Cards of a list that are seen within half a second are reported together.
 */

export interface Card {
  listId: string;
  attribution: string | null;
  itemId: string;
  position: number;
}

export type Seen = (cards: Card[]) => void;
type Observe = (callback: IntersectionObserverCallback, options: IntersectionObserverInit) => IntersectionObserver;

const SHARE_IN_VIEW = 0.5;
const LOOK_MS = 1_000;
const GATHER_MS = 500;

export class Impressions {
  private readonly observer: IntersectionObserver;
  private readonly cards = new Map<Element, Card>();
  private readonly looks = new Map<Element, ReturnType<typeof setTimeout>>();
  private readonly inView = new Set<Element>();
  private readonly counted = new Set<string>();
  private gathered: Card[] = [];
  private gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly seen: Seen,
    observe: Observe = (callback, options) => new IntersectionObserver(callback, options),
  ) {
    this.observer = observe((entries) => this.changed(entries), { threshold: SHARE_IN_VIEW });
  }

  /** Watches a card until the returned function is called. */
  watch(element: Element, card: Card): () => void {
    this.cards.set(element, card);
    this.observer.observe(element);
    return () => {
      this.observer.unobserve(element);
      this.leave(element);
      this.cards.delete(element);
    };
  }

  /** The tab came to the front or went to the back; cards of a tab in the back are not counted. */
  tabInFront(inFront: boolean): void {
    for (const element of this.inView) {
      if (inFront) this.look(element);
      else this.stopLook(element);
    }
  }

  /** Reports at once what was seen, for a page that is being closed. */
  flush(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const byList = new Map<string, Card[]>();
    for (const card of this.gathered) byList.set(card.listId, [...(byList.get(card.listId) ?? []), card]);
    this.gathered = [];
    for (const cards of byList.values()) this.seen(cards);
  }

  private changed(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      if (entry.intersectionRatio >= SHARE_IN_VIEW) {
        this.inView.add(entry.target);
        this.look(entry.target);
      } else {
        this.leave(entry.target);
      }
    }
  }

  private look(element: Element): void {
    const card = this.cards.get(element);
    if (!card || this.looks.has(element) || this.counted.has(nameOf(card))) return;
    this.looks.set(
      element,
      setTimeout(() => this.count(element, card), LOOK_MS),
    );
  }

  private count(element: Element, card: Card): void {
    this.looks.delete(element);
    if (this.counted.has(nameOf(card))) return;
    this.counted.add(nameOf(card));
    this.gathered.push(card);
    this.gathering ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private leave(element: Element): void {
    this.inView.delete(element);
    this.stopLook(element);
  }

  private stopLook(element: Element): void {
    clearTimeout(this.looks.get(element));
    this.looks.delete(element);
  }
}

function nameOf(card: Card): string {
  return `${card.listId} ${card.itemId}`;
}
