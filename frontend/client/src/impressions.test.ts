import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Card, Impressions } from "./impressions.ts";

/** An observer to which the test says what is in view. */
function eye() {
  let callback: IntersectionObserverCallback = () => {};
  const observer = { observe: () => {}, unobserve: () => {}, disconnect: () => {} } as unknown as IntersectionObserver;
  const observe = (given: IntersectionObserverCallback) => {
    callback = given;
    return observer;
  };
  const shows = (element: Element, share: number) =>
    callback([{ target: element, intersectionRatio: share } as IntersectionObserverEntry], observer);
  return { observe, shows };
}

const element = () => ({}) as Element;
const card = (itemId: string, listId = "r1"): Card => ({ listId, attribution: "token", itemId, position: 0 });

function watching() {
  const seen: Card[][] = [];
  const { observe, shows } = eye();
  return { impressions: new Impressions((cards) => seen.push(cards), observe), seen, shows };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an impression", () => {
  test("is half a card for a second; cards of a list are reported together", () => {
    const { impressions, seen, shows } = watching();
    const [a, b] = [element(), element()];
    impressions.watch(a, card("a"));
    impressions.watch(b, card("b"));
    shows(a, 0.5);
    shows(b, 0.9);
    vi.advanceTimersByTime(999);
    impressions.flush();
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(seen).toEqual([[card("a"), card("b")]]);
  });

  test.each([
    ["shows too little", 0.49, 5_000],
    ["goes too soon", 1, 900],
  ])("is none when a card %s", (_, share, forMs) => {
    const { impressions, seen, shows } = watching();
    const a = element();
    impressions.watch(a, card("a"));
    shows(a, share);
    vi.advanceTimersByTime(forMs);
    shows(a, 0);
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
  });

  test("counts once per list and item, however often it comes into view", () => {
    const { impressions, seen, shows } = watching();
    const a = element();
    impressions.watch(a, card("a"));
    for (let times = 0; times < 3; times++) {
      shows(a, 1);
      vi.advanceTimersByTime(3_000);
      shows(a, 0);
    }
    const again = element();
    impressions.watch(again, card("a", "r2"));
    shows(again, 1);
    vi.advanceTimersByTime(3_000);
    expect(seen).toEqual([[card("a")], [card("a", "r2")]]);
  });

  test("needs a tab that is in front", () => {
    const { impressions, seen, shows } = watching();
    const a = element();
    impressions.watch(a, card("a"));
    shows(a, 1);
    vi.advanceTimersByTime(500);
    impressions.tabInFront(false);
    vi.advanceTimersByTime(10_000);
    expect(seen).toEqual([]);
    impressions.tabInFront(true);
    vi.advanceTimersByTime(2_000);
    expect(seen).toEqual([[card("a")]]);
  });

  test("is not counted for a card that was removed from the page", () => {
    const { impressions, seen, shows } = watching();
    const a = element();
    const stop = impressions.watch(a, card("a"));
    shows(a, 1);
    stop();
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
  });

  test("of two lists are two events", () => {
    const { impressions, seen, shows } = watching();
    const [a, b] = [element(), element()];
    impressions.watch(a, card("a", "r1"));
    impressions.watch(b, card("b", "r2"));
    shows(a, 1);
    shows(b, 1);
    vi.advanceTimersByTime(2_000);
    expect(seen).toEqual([[card("a", "r1")], [card("b", "r2")]]);
  });
});
