import AxeBuilder from "@axe-core/playwright";
import { CATALOGUE, expect, test } from "./platform";

const [first] = CATALOGUE;

test("every page has a title of its own", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle("Fernhaven");
  await page.goto("/?category=Garden");
  await expect(page).toHaveTitle("Garden · Fernhaven");
  await page.getByRole("link", { name: "Boston fern in a pot" }).first().click();
  await expect(page).toHaveTitle("Boston fern in a pot · Fernhaven");
  await page.getByRole("link", { name: /^Cart/ }).click();
  await expect(page).toHaveTitle("Your cart · Fernhaven");
  await page.goBack();
  await expect(page).toHaveTitle("Boston fern in a pot · Fernhaven");
  await page.goto("/?q=lamp");
  await expect(page).toHaveTitle("“lamp” · Fernhaven");
  await page.goto("/product?id=no-such-product");
  await expect(page).toHaveTitle("Product not found · Fernhaven");
});

test("an unknown address shows a page of the shop, with best-sellers", async ({ page }) => {
  const answer = await page.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(page).toHaveTitle("Page not found · Fernhaven");
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await expect(page.getByRole("searchbox")).toBeVisible();
  await expect(page.getByTestId("best-sellers").locator("article").first()).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole("link", { name: "To the shop" }).click();
  await expect(page.getByTestId("grid").locator("article").first()).toBeVisible();
});

test("a search that finds nothing shows best-sellers", async ({ platform, page }) => {
  await page.goto("/?q=no+such+thing");
  await expect(page.getByText("Nothing matches “no such thing”.")).toBeVisible();
  await expect(page.getByTestId("count")).toHaveText("Nothing found");
  const best = page.getByTestId("best-sellers").locator("article[data-item]");
  await expect(best).toHaveCount(20);
  await expect(best.first()).toHaveAttribute("data-item", first?.item_id ?? "");
  expect(platform.recommended).toEqual([]);
});

test("a catalogue that did not answer comes back without a reload", async ({ page }) => {
  await page.route("http://edge.test/popular**", (route) => route.abort("connectionfailed"));
  await page.goto("/");
  await expect(page.getByText("This page tries again by itself.")).toBeVisible();
  await page.unroute("http://edge.test/popular**");
  await expect(page.getByTestId("grid").locator("article[data-item]").first()).toBeVisible();
  await expect(page.getByText("This page tries again by itself.")).toBeHidden();
});

test("a double click loads the next page once", async ({ page }) => {
  const cards = page.getByTestId("grid").locator("article[data-item]");
  const afterPresses = async (nPresses: number) => {
    await page.goto("/");
    await expect(cards.first()).toBeVisible();
    const press = (button: HTMLElement, times: number) => Array.from({ length: times }, () => button.click());
    await page.getByRole("button", { name: "Show more" }).evaluate(press, nPresses);
    await expect.poll(() => cards.count()).toBeGreaterThan(20);
    return cards.evaluateAll((found) => found.map((card) => card.getAttribute("data-item")));
  };
  const once = await afterPresses(1);
  expect(new Set(once).size).toBe(once.length);
  expect(await afterPresses(2)).toEqual(once);
});

test("all pages and tabs of a visit send one session id", async ({ platform, page, context }) => {
  await page.goto("/");
  await page.getByTestId("grid").getByRole("button").first().click();
  await page.goto(`/product?id=${first?.item_id}`);
  await expect.poll(() => platform.sentOf("view").length).toBe(1);
  const tab = await context.newPage();
  const other = new (platform.constructor as new (page: typeof tab) => typeof platform)(tab);
  await other.open();
  await tab.goto("/cart");
  await tab.getByRole("button", { name: "Buy now" }).click();
  await expect.poll(() => other.sentOf("purchase").length).toBe(1);
  const told = [...platform.events, ...other.events].map((event) => event.session_id);
  expect(told.length).toBeGreaterThan(2);
  expect(new Set(told).size).toBe(1);
});

test("a guest has an id of its own, keeps it, and can be another", async ({ platform, page, browser }) => {
  const sees = async () => {
    await page.getByTestId("grid").getByRole("button").first().click();
    const n = platform.events.length;
    await expect.poll(() => platform.events.length).toBeGreaterThan(n - 1);
    await expect.poll(() => platform.sentOf("add_to_cart").length).toBeGreaterThan(0);
    return platform.sentOf("add_to_cart").at(-1)?.user_id;
  };
  await page.goto("/");
  const guest = await sees();
  expect(guest).toMatch(/^guest-[0-9a-f]{32}$/);
  await page.reload();
  await expect(page.getByLabel("Shopper")).toHaveValue(guest ?? "");

  await page.getByLabel("Shopper").selectOption("A new guest");
  await expect(page.getByLabel("Shopper")).not.toHaveValue(guest ?? "");
  await expect(page.getByTestId("cart-count")).toHaveText(/^0/);

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(page.url());
  await expect(stranger.getByLabel("Shopper")).toHaveValue(/^guest-/);
  await expect(stranger.getByLabel("Shopper")).not.toHaveValue(guest ?? "");
  await stranger.context().close();
});

test("operators log in by the browser's own login", async ({ browser, baseURL }) => {
  const httpCredentials = { username: "operator", password: process.env.OPERATIONS_PASSWORD ?? "" };
  const context = await browser.newContext({ httpCredentials, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await page.goto("/ops");
  await expect(page.getByRole("heading", { name: "Operations" })).toBeVisible();
  const stranger = await browser.newContext(baseURL ? { baseURL } : {});
  expect((await stranger.request.get("/ops")).status()).toBe(401);
  await Promise.all([context.close(), stranger.close()]);
});
