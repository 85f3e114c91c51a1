import type { Locator } from "@playwright/test";
import { CATALOGUE, expect, type Platform, sells, test } from "./platform";

const ids = (cards: Locator) => cards.evaluateAll((found) => found.map((card) => card.getAttribute("data-item")));
const cardsOf = ({ page }: Platform) => page.locator('[data-rail="for-you"] article[data-item]');
const away = { x: 3, y: 3 };

test.beforeEach(async ({ platform, page }) => {
  // Every action changes the shopper's whole list.
  platform.forYou = (nActions) => sells(CATALOGUE.slice(nActions, nActions + 18), "co_visits");
  await page.goto("/");
  await expect(cardsOf(platform).first()).toBeVisible();
});

test("adding twice adds the same product: the list stays while the mouse is on it, and follows when it leaves", async ({
  platform,
  page,
}) => {
  const cards = cardsOf(platform);
  const before = await ids(cards);
  const nAsked = platform.recommended.length;
  const place = await cards.nth(1).getByRole("button").boundingBox();
  if (!place) throw new Error("the second card has no button");
  await page.mouse.move(place.x + 15, place.y + 15);
  await page.mouse.down();
  await page.mouse.up();
  await expect.poll(() => platform.recommended.length, "the new list has come").toBeGreaterThan(nAsked);
  await page.mouse.down();
  await page.mouse.up();
  await expect.poll(() => platform.sentOf("add_to_cart").length).toBe(2);
  expect(platform.sentOf("add_to_cart").map((event) => event.lines?.[0]?.item_id)).toEqual([before[1], before[1]]);
  expect(await ids(cards)).toEqual(before);
  await expect(cards.nth(1).getByRole("button")).toHaveAccessibleName(/2 in it/);

  await page.mouse.move(away.x, away.y);
  await expect.poll(() => ids(cards)).not.toEqual(before);
  expect(await ids(cards)).not.toContain(before[1]);
});

test("the same by keyboard: the focus stays, the new count is announced, the list follows later", async ({
  platform,
  page,
}) => {
  const cards = cardsOf(platform);
  const before = await ids(cards);
  const nAsked = platform.recommended.length;
  const button = cards.nth(2).getByRole("button");
  await page.getByRole("searchbox").focus();
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-news")).toHaveText("1 item in your cart");
  await expect.poll(() => platform.recommended.length, "the new list has come").toBeGreaterThan(nAsked);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-news")).toHaveText("2 items in your cart");
  await expect(button).toBeFocused();
  expect(await ids(cards)).toEqual(before);

  await page.getByRole("searchbox").focus();
  await expect.poll(() => ids(cards)).not.toEqual(before);
});

test("a finger that touches something else has left the list", async ({ platform, page, browser }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 800 } });
  const touched = await context.newPage();
  const other = new (platform.constructor as new (page: typeof touched) => Platform)(touched);
  other.forYou = platform.forYou;
  await other.open();
  await touched.goto(page.url());
  const cards = cardsOf(other);
  await expect(cards.first()).toBeVisible();
  const before = await ids(cards);
  const nAsked = other.recommended.length;
  await cards.first().getByRole("button").tap();
  await expect.poll(() => other.recommended.length, "the new list has come").toBeGreaterThan(nAsked);
  await cards.first().getByRole("button").tap();
  await expect(cards.first().getByRole("button")).toHaveAccessibleName(/2 in it/);
  expect(await ids(cards)).toEqual(before);
  await touched.getByRole("heading", { name: "Best sellers and more" }).tap();
  await expect.poll(() => ids(cards)).not.toEqual(before);
  await context.close();
});

test("a new list starts at its beginning", async ({ platform, page }) => {
  const row = page.locator('[data-rail="for-you"] ul');
  await row.evaluate((element) => element.scrollTo({ left: 900, behavior: "instant" }));
  await expect.poll(() => row.evaluate((element) => element.scrollLeft)).toBeGreaterThan(500);
  const before = await ids(cardsOf(platform));
  await page.getByTestId("grid").getByRole("button").first().click(); // outside the rail
  await expect.poll(() => ids(cardsOf(platform))).not.toEqual(before);
  await expect.poll(() => row.evaluate((element) => element.scrollLeft)).toBe(0);
});

test("a stranger's list says that it is popular, and the grid below does not repeat it", async ({ platform, page }) => {
  platform.forYou = () => sells(CATALOGUE.slice(0, 18));
  await page.reload();
  await expect(page.getByRole("heading", { name: "Popular now" })).toBeVisible();
  const grid = page.getByTestId("grid").locator("article[data-item]");
  await expect(grid.first()).toBeVisible();
  const above = await ids(cardsOf(platform));
  expect(above.length).toBe(18);
  expect((await ids(grid)).filter((id) => above.includes(id))).toEqual([]);

  platform.forYou = () => sells(CATALOGUE.slice(0, 18), "als");
  await page.reload();
  await expect(page.getByRole("heading", { name: "For you" })).toBeVisible();
});

test("a list that becomes personal moves nothing below it", async ({ platform, page }) => {
  platform.forYou = (nActions) => sells(CATALOGUE.slice(0, 18), nActions === 0 ? "popularity" : "als");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Popular now" })).toBeVisible();
  const grid = page.getByTestId("grid");
  await expect(grid.locator("article[data-item]").first()).toBeVisible();
  const top = () => grid.evaluate((element) => element.getBoundingClientRect().top + window.scrollY);
  const before = await top();
  platform.forYou = () => sells(CATALOGUE.slice(1, 19), "als");
  await grid.getByRole("button").first().click();
  await expect(page.getByRole("heading", { name: "For you" })).toBeVisible();
  expect(await top()).toBe(before);
});
