import { expect, test } from "./shop";

test("cards that were in view are reported once, others are not", async ({ shop, page }) => {
  await page.setViewportSize({ width: 900, height: 700 });
  await shop.enterAs("sees");
  const [first] = await shop.idsIn("for-you");
  await expect(page.getByTestId("grid").locator("article[data-item]").first()).toBeAttached();
  const inView = await page.locator("article[data-item]").evaluateAll((cards) =>
    cards.map((card) => {
      const box = card.getBoundingClientRect();
      const wide = Math.max(0, Math.min(box.right, innerWidth) - Math.max(box.left, 0));
      const high = Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0));
      return { item: card.getAttribute("data-item") ?? "", share: (wide * high) / (box.width * box.height) };
    }),
  );
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
  await page.waitForTimeout(2_500); // long enough to be counted again, if it were
  const events = new Map(shop.sentOf("impression").map((event) => [event.event_id, event]));
  expect(events.size).toBe(ids().size);
  const pairs = [...events.values()].flatMap((event) =>
    event.lines.map((line) => `${event.attribution} ${line.item_id} ${line.position}`),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
});
