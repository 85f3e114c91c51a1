import type { Page } from "@playwright/test";
import { expect, test } from "./shop";

/** How much of each card the window shows. */
function sharesInView(page: Page): Promise<{ item: string; share: number }[]> {
  return page.locator("article[data-item]").evaluateAll((cards) =>
    cards.map((card) => {
      const box = card.getBoundingClientRect();
      const wide = Math.max(0, Math.min(box.right, innerWidth) - Math.max(box.left, 0));
      const high = Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0));
      return { item: card.getAttribute("data-item") ?? "", share: (wide * high) / (box.width * box.height) };
    }),
  );
}

test("cards that were in view are reported once, others are not", async ({ shop, page }) => {
  await page.setViewportSize({ width: 900, height: 700 });
  await shop.enterAs("sees");
  const [first] = await shop.idsIn("for-you");
  await expect(page.getByTestId("grid").locator("article[data-item]").first()).toBeAttached();
  const inView = await sharesInView(page);
  const seen = new Set(inView.filter(({ share }) => share >= 0.55).map(({ item }) => item));
  const hardly = new Set(inView.filter(({ share }) => share <= 0.45).map(({ item }) => item));
  expect(seen.size).toBeGreaterThan(1);
  expect(hardly.size).toBeGreaterThan(5);

  const told = () => shop.sentOf("impression").flatMap((event) => event.lines.map((line) => line.item_id));
  await expect.poll(() => [...seen].filter((item) => !told().includes(item))).toEqual([]);
  expect(told().filter((item) => hardly.has(item) && !seen.has(item))).toEqual([]);
  expect(shop.sentOf("impression").every((event) => event.lines.every((line) => line.position !== undefined))).toBe(
    true,
  );
  const ofFirst = shop.sentOf("impression").find((event) => event.lines.some((line) => line.item_id === first));
  expect(shop.recommended.map((answer) => answer.attribution)).toContain(ofFirst?.attribution);

  const ids = () => new Set(shop.sentOf("impression").map((event) => event.event_id));
  const nBefore = told().length;
  await page.mouse.wheel(0, 2_000);
  await expect.poll(() => told().length).toBeGreaterThan(nBefore);
  await page.mouse.wheel(0, -4_000);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  // The first cards are in view again. A taller window then shows others for the first time: once those are told, the first
  // ones would have been told again, too, since they have been in view for longer.
  await page.setViewportSize({ width: 900, height: 1_400 });
  const before = new Set(told());
  const others = (await sharesInView(page)).filter(({ item, share }) => share >= 0.55 && !before.has(item));
  expect(others.length).toBeGreaterThan(0);
  await expect.poll(() => others.filter(({ item }) => !told().includes(item))).toEqual([]);
  const events = new Map(shop.sentOf("impression").map((event) => [event.event_id, event]));
  expect(events.size).toBe(ids().size);
  const pairs = [...events.values()].flatMap((event) =>
    event.lines.map((line) => `${event.attribution} ${line.item_id} ${line.position}`),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
});
