/**
 * Takes README's picture again: the home page of a regular shopper, in a running demonstration.
 *
 *     STOREFRONT_URL=http://127.0.0.1:18002 SHOP=boutique npm run picture
 */

import { expect, test } from "@playwright/test";
import type { Shops } from "../lib/shops";

const TENANT = process.env.SHOP ?? "boutique";

test("README's picture", async ({ page, request }) => {
  const { shops }: Shops = await (await request.get("/shop.json")).json();
  const known = shops.find(({ tenant }) => tenant === TENANT)?.shoppers.find(({ kind }) => kind === "hot");
  expect(known, `a well-known shopper of ${TENANT}`).toBeTruthy();
  await page.addInitScript(
    ([tenant, userId]) => {
      localStorage.setItem("recommndr.tenant", JSON.stringify(tenant));
      localStorage.setItem(`recommndr.user.${tenant}`, JSON.stringify(userId));
    },
    [TENANT, known?.user_id],
  );
  await page.goto("/");
  await expect(page.locator('[data-rail="for-you"] article').first()).toBeVisible();
  await expect(page.getByTestId("grid").locator("article").first()).toBeVisible();
  await page.screenshot({ path: "../docs/storefront.png" });
});
