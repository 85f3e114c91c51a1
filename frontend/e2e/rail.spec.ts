import { expect, test } from "./shop";

test("a viewed product changes a stranger's rail, and the rail says why", async ({ shop, page }) => {
  await shop.enterAs("looks");
  const before = await shop.idsIn("for-you");
  await expect.poll(() => shop.recommended.at(-1)?.user_profile.stored?.n_events).toBe(0);
  const card = shop.cards("for-you").nth(2);
  const title = (await card.getByRole("heading").textContent()) ?? "";
  await card.getByRole("link").click();
  await shop.takeMouseAway();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();

  await expect(shop.rail("for-you").getByText(`Because you looked at ${title}`).first()).toBeVisible();
  await page.getByRole("banner").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/$/);
  await shop.takeMouseAway();
  await expect(shop.rail("for-you").getByText(`Because you looked at ${title}`).first()).toBeVisible();
  expect(await shop.idsIn("for-you")).not.toEqual(before);
  await expect.poll(() => shop.recommended.at(-1)?.user_profile.stored?.n_events).toBeGreaterThanOrEqual(2);
});

test("putting something into the cart changes the rail without leaving the page, once the mouse is off it", async ({
  shop,
}) => {
  await shop.enterAs("picks");
  const before = await shop.idsIn("for-you");
  await shop.cards("for-you").first().getByRole("button").click();
  await expect.poll(() => shop.recommended.at(-1)?.user_profile.stored?.n_events).toBeGreaterThanOrEqual(1);
  expect(await shop.idsIn("for-you")).toEqual(before);
  await shop.takeMouseAway();
  await expect.poll(() => shop.idsIn("for-you")).not.toContain(before[0]);
});

test("another shopper has another rail and a cart of their own", async ({ shop, page }) => {
  await shop.enterAs("switches");
  const stranger = await shop.idsIn("for-you");
  await shop.cards("for-you").first().getByRole("button").click();
  await expect(page.getByTestId("cart-count")).toHaveText(/^1/);

  const shoppers = page.getByLabel("Shopper");
  const known = await shoppers.locator("option", { hasText: "(well known)" }).first().getAttribute("value");
  await shoppers.selectOption(known);
  await expect(page.getByTestId("cart-count")).toHaveText(/^0/);
  await expect.poll(() => shop.idsIn("for-you")).not.toEqual(stranger);
  await expect(
    shop
      .rail("for-you")
      .getByText(/You (buy this every|bought this before)/)
      .first(),
  ).toBeVisible();
  await page.reload();
  await expect(shoppers.locator("option:checked")).toHaveText(/well known/);
});
