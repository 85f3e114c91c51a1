import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./shop";

async function faults(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ shop, page }) => {
    await page.emulateMedia({ colorScheme });
    await shop.enterAs("reads");
    await expect(shop.cards("for-you").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Show more" })).toBeVisible();
    expect(await faults(page)).toEqual([]);

    await shop.cards("for-you").first().getByRole("link").click();
    await expect(shop.cards("similar").first()).toBeVisible();
    await page.getByRole("button", { name: "Add to cart", exact: true }).click();
    await expect(page.getByTestId("cart-count")).toHaveText(/^1/);
    expect(await faults(page)).toEqual([]);

    await page.getByRole("link", { name: /^Cart/ }).click();
    await expect(page.getByRole("button", { name: "Buy now" })).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Buy now" }).click();
    await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
    expect(await faults(page)).toEqual([]);

    await page.goto("/?q=qqzzxxww");
    await expect(page.getByText(/^Nothing matches/)).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await page.goto("/product?id=no-such-product");
    await expect(page.getByText("We don't have this product.")).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await page.goto("/no-such-page");
    await expect(page.getByTestId("best-sellers").locator("article").first()).toBeVisible();
    expect(await faults(page)).toEqual([]);
  });
}

test("everything can be done by keyboard", async ({ shop, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await shop.enterAs("types");
  await expect(shop.cards("for-you").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();

  const row = shop.rail("for-you").getByRole("list");
  await shop
    .rail("for-you")
    .getByRole("button", { name: /forward$/ })
    .focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => row.evaluate((element) => element.scrollLeft)).toBeGreaterThan(100);
  const last = shop.cards("for-you").last().getByRole("link");
  await last.focus();
  await expect(last).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/product\?id=/);
});
