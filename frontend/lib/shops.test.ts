import { expect, test } from "vitest";
import { chosen, type Shops } from "./shops";

const shopper = (user_id: string) => ({ user_id, label: user_id, kind: "hot" as const });
const shop = (tenant: string, ...ids: string[]) => ({
  tenant,
  name: tenant,
  currency: "EUR",
  shoppers: ids.map(shopper),
  departments: [],
  brands: [],
});
const SHOPS: Shops = { edge_url: "http://edge", dev: true, shops: [shop("a", "1", "2"), shop("b", "3")] };

test("what was chosen last is chosen again while it exists", () => {
  expect(chosen(SHOPS, "a", "2")?.shopper.user_id).toBe("2");
  expect(chosen(SHOPS, "b", "2")?.shopper.user_id).toBe("3");
  expect(chosen(SHOPS, "gone", 7)?.shop.tenant).toBe("a");
  expect(chosen({ ...SHOPS, shops: [] }, "a", "1")).toBeUndefined();
});
