/** The answer of the shop's own server: the platform's address, the shops, and the visitor in each. */

export interface Shopper {
  user_id: string;
  label: string;
  kind: "cold" | "warm" | "hot";
}

/** The person at this browser: an account, or a guest with an id of its own. */
export interface Visitor {
  user_id: string;
  signed_in: boolean;
}

export interface Department {
  /** The catalogue's name. */
  name: string;
  /** The name shoppers see. */
  label: string;
  brands: string[];
}

export interface Shop {
  tenant: string;
  name: string;
  currency: string;
  visitor: Visitor;
  /** Shoppers that the visitor may switch to in development; otherwise empty. */
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
  userId: string;
}

/** The shop chosen last if it still exists, otherwise the first; in it the chosen shopper, or the visitor. */
export function chosen(shops: Shops, tenant: unknown, userId: unknown): Choice | undefined {
  const shop = shops.shops.find((each) => each.tenant === tenant) ?? shops.shops[0];
  const played = shop?.shoppers.find((each) => each.user_id === userId);
  return shop && { shop, userId: (played ?? shop.visitor).user_id };
}
