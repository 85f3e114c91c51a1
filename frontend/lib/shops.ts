/** What the shop's own server says: where the platform is, which shops there are, who may be played in dev mode. */

export interface Shopper {
  user_id: string;
  label: string;
  kind: "cold" | "warm" | "hot";
}

export interface Department {
  /** As the catalogue has it. */
  name: string;
  /** As a shopper reads it. */
  label: string;
  brands: string[];
}

export interface Shop {
  tenant: string;
  name: string;
  currency: string;
  shoppers: Shopper[];
  departments: Department[];
  brands: string[];
}

export interface Shops {
  edge_url: string;
  dev: boolean;
  shops: Shop[];
}

export interface Choice {
  shop: Shop;
  shopper: Shopper;
}

/** The shop and shopper that were chosen last, as far as they still exist; otherwise the first. Undefined without any. */
export function chosen(shops: Shops, tenant: unknown, userId: unknown): Choice | undefined {
  const shop = shops.shops.find((each) => each.tenant === tenant) ?? shops.shops[0];
  const shopper = shop?.shoppers.find((each) => each.user_id === userId) ?? shop?.shoppers[0];
  return shop && shopper ? { shop, shopper } : undefined;
}
