/**
 * Prints the storefront's figures: size and load time of pages, and how soon the rail follows a click.
 *
 *     STOREFRONT_URL=http://127.0.0.1:18002 SHOPPERS='{"measures": "<a shopper of shops.json>"}' npm run measure
 */

import type { Browser, Page } from "@playwright/test";
import { expect, ShopPage, test } from "../e2e/shop";

const N_LOADS = 7;
const N_CLICKS = 20;

const quantile = (values: number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(share * values.length))] ??
  Number.NaN;
const median = (values: number[]) => quantile(values, 0.5);

interface Load {
  firstPaintMs: number;
  largestPaintMs: number;
  shift: number;
  scriptBytes: number;
  styleBytes: number;
  pageBytes: number;
}

async function watch(page: Page) {
  await page.addInitScript(() => {
    const seen = { largestPaintMs: 0, shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.largestPaintMs = entry.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

async function load(browser: Browser, address: string): Promise<Load> {
  const context = await browser.newContext(); // an empty cache
  const page = await context.newPage();
  await watch(page);
  const shop = new ShopPage(page);
  await shop.enterAs("measures", address);
  await expect(shop.cards("for-you").first()).toBeVisible();
  await page.waitForTimeout(500);
  const figures = await page.evaluate(() => {
    const { largestPaintMs, shift } = (window as unknown as { seen: { largestPaintMs: number; shift: number } }).seen;
    const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const bytesOf = (ending: string) =>
      resources.filter(({ name }) => name.endsWith(ending)).reduce((sum, each) => sum + each.encodedBodySize, 0);
    const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    return {
      firstPaintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      largestPaintMs,
      shift,
      scriptBytes: bytesOf(".js"),
      styleBytes: bytesOf(".css"),
      pageBytes: page?.encodedBodySize ?? Number.NaN,
    };
  });
  await context.close();
  return figures;
}

test("size and load time of a page", async ({ browser, shop, page }) => {
  await shop.enterAs("measures");
  const itemId = (await shop.idsIn("for-you"))[0];
  await page.close();
  for (const [name, address] of Object.entries({ home: "/", product: `/product?id=${itemId}`, cart: "/cart" })) {
    const loads: Load[] = [];
    for (let n = 0; n < N_LOADS; n++) loads.push(await load(browser, address));
    const of = (field: keyof Load) => median(loads.map((each) => each[field]));
    const kb = (field: keyof Load) => (of(field) / 1000).toFixed(1);
    console.log(
      `${name.padEnd(8)} first paint ${of("firstPaintMs").toFixed(0)} ms, largest ${of("largestPaintMs").toFixed(0)} ms, ` +
        `shift ${Math.max(...loads.map((each) => each.shift)).toFixed(4)} (largest of ${N_LOADS}); compressed: ` +
        `scripts ${kb("scriptBytes")} kB, styles ${kb("styleBytes")} kB, page ${kb("pageBytes")} kB`,
    );
  }
});

test("how soon the rail follows a click", async ({ shop, page }) => {
  await shop.enterAs("clicks");
  await shop.idsIn("for-you");
  const tookMs: number[] = [];
  for (let n = 0; n < N_CLICKS; n++) {
    tookMs.push(await shop.rail("for-you").evaluate(clickAndWait));
    await page.waitForTimeout(300);
  }
  console.log(
    `click -> changed rail over ${N_CLICKS}: p50 ${median(tookMs).toFixed(0)} ms, ` +
      `p95 ${quantile(tookMs, 0.95).toFixed(0)} ms, largest ${Math.max(...tookMs).toFixed(0)} ms`,
  );
});

/** In the page: puts the second card into the cart; ms until the rail shows another list than the rest of the old one. */
function clickAndWait(rail: Element): Promise<number> {
  const ids = () => [...rail.querySelectorAll("article[data-item]")].map((card) => card.getAttribute("data-item"));
  const before = ids();
  const button = rail.querySelectorAll<HTMLButtonElement>("article button")[1];
  const left = before.filter((_, place) => place !== 1).join();
  return new Promise((resolve) => {
    const startMs = performance.now();
    const observer = new MutationObserver(() => {
      const now = ids().join();
      if (now === left || now === before.join()) return;
      observer.disconnect();
      // Counted when it is painted, not when it is in the document.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - startMs)));
    });
    observer.observe(rail, { childList: true, subtree: true, attributes: true });
    button?.click();
  });
}
