import { expect, type ShopPage, test } from "./shop";

const PIDS = (process.env.SLOT_PIDS ?? "").split(",").filter(Boolean).map(Number);
const STARTED_WITHIN_MS = 400_000;
const tell = (signal: NodeJS.Signals) => {
  for (const pid of PIDS) process.kill(pid, signal);
};

async function stands(shop: ShopPage) {
  await expect(shop.page.getByRole("banner")).toBeVisible();
  await expect(shop.rail("for-you")).toHaveCount(0);
  await expect(shop.rail("similar")).toHaveCount(0);
}

test.beforeAll(() => expect(PIDS).toHaveLength(2));
test.afterAll(() => {
  try {
    tell("SIGCONT"); // whatever failed: nothing stays stopped
  } catch {} // they were killed, as they should be
});

test("when slots hang or die, pages are shown without rails; rails come back with the slots", async ({
  shop,
  page,
}) => {
  test.setTimeout(1_200_000);
  await shop.enterAs("stays");
  await expect(shop.cards("for-you").first()).toBeVisible();
  await expect(page.getByTestId("grid").locator("article[data-item]").first()).toBeVisible(); // what will have been seen last
  const first = shop.cards("for-you").first();
  const title = (await first.getByRole("heading").textContent()) ?? "";
  await first.getByRole("link").click();
  await expect(shop.cards("similar").first()).toBeVisible();
  const product = page.url();

  tell("SIGSTOP");
  await page.goto("/");
  await stands(shop);
  await expect(page.getByText("This is what you saw last.")).toBeVisible();
  await expect(page.getByTestId("grid").locator("article[data-item]").first()).toBeVisible();
  await page.goto(product);
  await stands(shop);
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByTestId("cart-count")).toHaveText(/^1/);
  await page.goto("/product?id=never-seen-before");
  await expect(page.getByText("We can't show this product right now.")).toBeVisible();

  tell("SIGCONT");
  await page.goto("/");
  await expect(shop.cards("for-you").first()).toBeVisible();

  tell("SIGKILL");
  await page.goto(product);
  await stands(shop);
  // A killed slot is restarted, which takes minutes on a busy machine; the page needs no reload.
  await expect(shop.cards("for-you").first()).toBeVisible({ timeout: STARTED_WITHIN_MS });
  await expect(shop.cards("similar").first()).toBeVisible({ timeout: STARTED_WITHIN_MS });
});
