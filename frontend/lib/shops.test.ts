import { expect, test } from "vitest";
import { chosen, type Shops } from "./shops";

const shopper = (user_id: string) => ({ user_id, label: user_id, kind: "hot" as const });
const shop = (tenant: string, ...ids: string[]) => ({
  tenant,
  name: tenant,
  currency: "EUR",
  visitor: { user_id: `guest-of-${tenant}`, signed_in: false },
  shoppers: ids.map(shopper),
  departments: [],
  brands: [],
});
const SHOPS: Shops = { edge_url: "http://edge", dev: true, shops: [shop("a", "1", "2"), shop("b", "3")] };

test("the shopper chosen last is chosen again while the shop offers it; otherwise it is the visitor", () => {
  expect(chosen(SHOPS, "a", "2")?.userId).toBe("2");
  expect(chosen(SHOPS, "b", "2")?.userId).toBe("guest-of-b");
  expect(chosen(SHOPS, "gone", 7)).toEqual({ shop: SHOPS.shops[0], userId: "guest-of-a" });
  expect(chosen({ ...SHOPS, shops: [] }, "a", "1")).toBeUndefined();
});

test("a shop without shoppers to choose has its visitor", () => {
  expect(chosen({ ...SHOPS, shops: [shop("a")] }, "a", "1")?.userId).toBe("guest-of-a");
});
