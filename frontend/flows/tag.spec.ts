import type { Page } from "@playwright/test";
import { CATALOGUE, expect, test } from "./platform";

const ATTRIBUTES = 'data-edge="http://edge.test" data-user="anna" data-link="/products/{item_id}"';

const SHOP = "http://shop.localhost"; // browsers trust it like a page with TLS

/** A page of a shop that has the script on its own server; `body` is what the shop wrote. */
async function openShop(page: Page, body: string, attributes = ATTRIBUTES): Promise<void> {
  const script = await (await page.request.get("/recommndr.js")).text();
  const html = `<!doctype html><html lang="en"><head><script src="/recommndr.js" ${attributes} defer></script></head><body>${body}</body></html>`;
  await page.route(`${SHOP}/**`, (route) => {
    switch (new URL(route.request().url()).pathname) {
      case "/session":
        return route.fulfill({ json: { token: "t", expires_in_s: 900 } });
      case "/recommndr.js":
        return route.fulfill({ contentType: "text/javascript", body: script });
      default:
        return route.fulfill({ contentType: "text/html", body: html });
    }
  });
  await page.goto(SHOP);
}

test("a section becomes a rail, and what is seen and clicked there is sent with the list's token", async ({
  platform,
  page,
}) => {
  await openShop(page, '<section data-recommndr="recommend" data-k="5" hidden><h2>For you</h2></section>');
  const cards = page.locator(".recommndr-card");
  await expect(cards.first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "For you" })).toBeVisible();
  const first = CATALOGUE[10];
  await expect(cards.first().locator(".recommndr-title")).toHaveText(first?.title ?? "");
  await expect(cards.first().locator(".recommndr-price")).toHaveText(/^[€$£]\d+\.\d\d$/);
  await expect.poll(() => platform.sentOf("impression").length, "half of a card for a second").toBeGreaterThan(0);

  await cards.first().getByRole("link").click();
  await expect(page).toHaveURL(`${SHOP}/products/${first?.item_id}`);
  await expect.poll(() => platform.sentOf("click").length, "the next page sends it at the latest").toBeGreaterThan(0);
  const [click] = platform.sentOf("click");
  expect(click).toMatchObject({
    user_id: "anna",
    attribution: "token-0",
    lines: [{ item_id: first?.item_id, position: 0 }],
  });

  await page.evaluate((item_id) => window.recommndr?.add("add_to_cart", [{ item_id }]), first?.item_id ?? "");
  await expect.poll(() => platform.sentOf("add_to_cart").length).toBe(1);
  expect(platform.sentOf("add_to_cart")[0]).toMatchObject({ attribution: "token-0" });
});

test("every kind of rail is filled, each by itself", async ({ page }) => {
  await openShop(
    page,
    `<section id="popular" data-recommndr="popular" data-category="Groceries > Fruit" hidden></section>
     <section id="rising" data-recommndr="trending" hidden></section>
     <section id="alike" data-recommndr="similar" data-item="${CATALOGUE[0]?.item_id}" data-k="4" hidden></section>`,
  );
  await expect(page.locator("#popular .recommndr-card")).toHaveCount(3);
  await expect(page.locator("#rising .recommndr-card").first()).toBeVisible();
  await expect(page.locator("#alike .recommndr-card").first()).toBeVisible();
});

test("a section without a list stays hidden, and the console says why", async ({ page }) => {
  const warnings: string[] = [];
  page.on("console", (message) => warnings.push(message.text()));
  await openShop(page, '<section data-recommndr="simular" hidden><h2>Alike</h2></section>');
  await expect.poll(() => warnings.join("\n")).toContain("expected recommend, similar, together, popular or trending");
  await expect(page.getByText("Alike")).toBeHidden();
});

test("an attribute that is missing is named", async ({ page }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await openShop(page, "", 'data-edge="http://edge.test" data-link="/p/{item_id}"');
  await expect.poll(() => errors).toEqual(["recommndr.js: the script tag needs data-user"]);
});

test("a title is text, whatever is in it", async ({ platform, page }) => {
  const [item] = CATALOGUE;
  if (!item) throw new Error("the shop is empty");
  platform.forYou = () => [{ ...item, title: "<img src=x onerror=alert(1)>", sources: [] }];
  await openShop(page, '<section data-recommndr="recommend" hidden></section>');
  await expect(page.locator(".recommndr-title")).toHaveText("<img src=x onerror=alert(1)>");
});
