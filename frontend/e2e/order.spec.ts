import type { Locator } from "@playwright/test";
import { expect, test } from "./shop";

/** Whether there are texts and all of them fit. A grid that still loads has none; the grid before it has others. */
async function allFit(texts: Locator, fits: (text: string) => boolean): Promise<boolean> {
  const found = await texts.allTextContents();
  return found.length > 0 && found.every(fits);
}

test("from the rail to the order, every event names the list that led there", async ({ shop, page }) => {
  await shop.enterAs("orders");
  const first = shop.cards("for-you").first();
  const itemId = await first.getAttribute("data-item");
  await first.getByRole("link").click();

  await expect(page).toHaveURL(/\/product\?id=/);
  await expect(page.getByRole("heading", { level: 1 })).not.toBeEmpty();
  await expect(shop.cards("similar").first()).toBeVisible();
  await page.getByLabel("Quantity").selectOption("2");
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByTestId("cart-count")).toHaveText(/^2/);

  await page.getByRole("link", { name: /^Cart/ }).click();
  await page.getByRole("button", { name: /^One more/ }).click();
  await page.getByRole("button", { name: /fewer$/ }).click();
  await page.getByRole("button", { name: "Buy now" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await expect(page.getByTestId("cart-count")).toHaveText(/^0/);
  await expect.poll(() => shop.sentOf("purchase").length).toBeGreaterThan(0);

  const led = shop.recommended.find((answer) => answer.items.some((item) => item.item_id === itemId));
  expect(led?.attribution).toBeTruthy();
  for (const kind of ["click", "view", "add_to_cart", "remove_from_cart", "purchase"]) {
    await expect.poll(() => shop.sentOf(kind).length, kind).toBeGreaterThan(0);
    const [event] = shop.sentOf(kind);
    expect(event?.lines[0]?.item_id, kind).toBe(itemId);
    expect(event?.attribution, kind).toBe(led?.attribution);
  }
  expect(shop.sentOf("click")[0]?.lines[0]?.position).toBe(0);
  const [line] = shop.sentOf("purchase")[0]?.lines ?? [];
  expect(line).toMatchObject({ quantity: 2, currency: "USD" });
  expect(line?.price_minor).toBeGreaterThan(0);
});

test("the grid can be searched, filtered and paged through", async ({ shop, page }) => {
  await shop.enterAs("searches");
  const grid = page.getByTestId("grid").locator("article[data-item]");
  await expect(grid.first()).toBeVisible();
  const before = await grid.count();
  await page.getByRole("button", { name: "Show more" }).click();
  await expect.poll(() => grid.count()).toBeGreaterThan(before);

  await page.getByRole("searchbox").fill("cheese");
  await page.getByRole("searchbox").press("Enter");
  await expect(page).toHaveURL(/q=cheese/);
  await expect.poll(() => allFit(grid.locator("h3"), (title) => title.toLowerCase().includes("cheese"))).toBe(true);
  await expect.poll(() => shop.sent.find((event) => event.kind === "search")?.query).toBe("cheese");

  await page.getByLabel("From").fill("3");
  await page.getByRole("button", { name: "Set price" }).click();
  await expect(page).toHaveURL(/min=300/);
  const prices = grid.locator("p", { hasText: "$" });
  await expect.poll(() => allFit(prices, (price) => Number(price.replace("$", "")) >= 3)).toBe(true);

  await page.getByRole("searchbox").fill("qqzzxxww");
  await page.getByRole("searchbox").press("Enter");
  await expect(page.getByText(/^Nothing matches/)).toBeVisible();
});

test("events survive an outage of the collector and keep their event_id", async ({ shop, page }) => {
  let away = true;
  await page.route("**/events", (route) => (away ? route.abort("connectionfailed") : route.continue()));
  await shop.enterAs("retries");
  await shop.cards("for-you").first().getByRole("button").click();
  await expect.poll(() => shop.sentOf("add_to_cart").length).toBeGreaterThan(0);
  const eventId = shop.sentOf("add_to_cart")[0]?.event_id;
  await page.reload();
  away = false;
  const acknowledged = page.waitForResponse(async (answer) => {
    if (!answer.url().endsWith("/events") || answer.status() !== 207) return false;
    const { results } = await answer.json();
    return results.some((one: { event_id: string; status: number }) => one.event_id === eventId && one.status === 202);
  });
  await acknowledged;
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("recommndr.events."))))
    .toHaveLength(1);
});
