import type { Page } from "@playwright/test";
import { expect, test } from "./shop";

/** The layout shift so far, as browsers measure it. */
async function watchShifts(page: Page) {
  await page.addInitScript(() => {
    const shifts = window as unknown as { shifted: number };
    shifts.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.shifted += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

const shifted = (page: Page) => page.evaluate(() => (window as unknown as { shifted: number }).shifted);
const tooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const [device, viewport] of Object.entries({
  phone: { width: 360, height: 740 },
  tablet: { width: 820, height: 1100 },
  desktop: { width: 1280, height: 900 },
})) {
  test(`nothing moves and nothing is cut off on a ${device}`, async ({ shop, page }) => {
    await page.setViewportSize(viewport);
    await watchShifts(page);
    await shop.enterAs("watches");
    await expect(shop.cards("for-you").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Show more" })).toBeVisible();
    expect(await tooWide(page)).toBe(0);
    expect(await shifted(page)).toBeLessThan(0.02);

    const itemId = await shop.cards("for-you").first().getAttribute("data-item");
    await page.goto(`/product?id=${itemId}`);
    await expect(shop.cards("similar").first()).toBeVisible();
    await expect(shop.cards("for-you").first()).toBeVisible();
    expect(await tooWide(page)).toBe(0);
    expect(await shifted(page)).toBeLessThan(0.02);

    await page.getByRole("button", { name: "Add to cart", exact: true }).click();
    await page.goto("/cart");
    await expect(page.getByRole("button", { name: "Buy now" })).toBeVisible();
    await expect(shop.cards("for-you").first()).toBeVisible();
    expect(await tooWide(page)).toBe(0);
    expect(await shifted(page)).toBeLessThan(0.02);
  });
}
