import { expect, test } from "./platform";

test("a search keeps its focus and says how much it found", async ({ platform, page }) => {
  await page.goto("/");
  await expect(page.getByTestId("grid").locator("article").first()).toBeVisible();
  const box = page.getByRole("searchbox");
  await box.fill("wool");
  await box.press("Enter");
  await expect(page).toHaveURL(/q=wool/);
  await expect(page.getByTestId("count")).toHaveText("2 items");
  await expect(page.getByTestId("count")).toHaveRole("status");
  await expect(box).toBeFocused();
  await box.fill("lamp");
  await box.press("Enter");
  await expect(page.getByTestId("count")).toHaveText("3 items");
  await expect(box).toBeFocused();
  await page.reload();
  await expect(box).toHaveValue("lamp");
  await page.goBack();
  await expect(box).toHaveValue("wool");
  await expect.poll(() => platform.sentOf("search").map((event) => event.query)).toEqual(["wool", "lamp"]);
});

test("a price keeps its focus when it is set by Enter", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByTestId("grid").locator("article").first()).toBeVisible();
  const from = page.getByLabel("From");
  await from.fill("30");
  await from.press("Enter");
  await expect(page).toHaveURL(/min=3000/);
  await expect(page.getByTestId("count")).toHaveText(/items$/);
  await expect(from).toBeFocused();
  await expect(from).toHaveValue("30");
  await page.goBack();
  await expect(page).not.toHaveURL(/min=/);
});

test("at the end of a rail its button stays in focus", async ({ platform, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  const rail = page.locator('[data-rail="for-you"]');
  await expect(rail.locator("article").first()).toBeVisible();
  const forward = rail.getByRole("button", { name: /forward$/ });
  await forward.focus();
  for (let n = 0; n < 8; n++) await page.keyboard.press("Enter");
  await expect(forward).toHaveAttribute("aria-disabled", "true");
  await expect(forward).toBeFocused();
  expect(platform.recommended.length).toBeGreaterThan(0);
});

test("the last page of the grid puts its first card into focus", async ({ page }) => {
  await page.goto("/?category=Groceries");
  const cards = page.getByTestId("grid").locator("article[data-item]");
  await expect(cards.first()).toBeVisible();
  const more = page.getByRole("button", { name: "Show more" });
  let before = await cards.count();
  while (await more.isVisible()) {
    before = await cards.count();
    await more.focus();
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await cards.count()) > before || !(await more.isVisible())).toBe(true);
  }
  await expect(page.getByTestId("count")).toHaveText(/^\d+ items$/);
  await expect(cards.nth(before).getByRole("link")).toBeFocused();
});

test("a cart can be emptied and bought by keyboard without losing the focus", async ({ platform, page }) => {
  await page.goto("/");
  const cards = page.getByTestId("grid").locator("article[data-item]");
  for (const n of [0, 1, 2]) await cards.nth(n).getByRole("button").click();
  await expect(page.getByTestId("cart-count")).toHaveText(/^3/);
  await page.getByRole("link", { name: /^Cart/ }).click();
  const lines = page.getByRole("list", { name: "In your cart" }).getByRole("listitem");
  await expect(lines).toHaveCount(3);

  await lines
    .first()
    .getByRole("button", { name: /^Remove/ })
    .focus();
  await page.keyboard.press("Enter");
  await expect(lines).toHaveCount(2);
  await expect(lines.first().getByRole("link")).toBeFocused();
  await expect(page.getByTestId("cart-news")).toHaveText("2 items in your cart");
  await lines
    .last()
    .getByRole("button", { name: /fewer$/ })
    .focus();
  await page.keyboard.press("Enter");
  await expect(lines).toHaveCount(1);
  await expect(lines.first().getByRole("link")).toBeFocused();

  await page.getByRole("button", { name: "Buy now" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeFocused();
  await expect(page.getByTestId("cart-news")).toHaveText("Your cart is empty");
  await expect.poll(() => platform.sentOf("purchase").length).toBe(1);
});

test("what was typed before the scripts ran stays in the search box", async ({ page }) => {
  let run: () => void = () => {};
  const typed = new Promise<void>((resolve) => {
    run = resolve;
  });
  await page.route("**/*.js", async (route) => {
    await typed;
    await route.continue();
  });
  await page.goto("/", { waitUntil: "commit" });
  const box = page.getByRole("searchbox");
  await box.fill("wool");
  run();
  await expect(page.getByTestId("grid").locator("article").first()).toBeVisible();
  await expect(box).toHaveValue("wool");
  await box.press("Enter");
  await expect(page.getByTestId("count")).toHaveText("2 items");
});
