/** What the shop's own server says: where the platform is, which shops there are, who the visitor is in each. */

export interface Shopper {
  user_id: string;
  label: string;
  kind: "cold" | "warm" | "hot";
}

/** Whoever sits before this browser: an account, or a guest with an id of its own. */
export interface Visitor {
  user_id: string;
  signed_in: boolean;
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
  visitor: Visitor;
  /** Whom the visitor may play in development; otherwise empty. */
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

/** The shop that was chosen last, as far as it still exists, otherwise the first; in it the shopper who is played, or the visitor. */
export function chosen(shops: Shops, tenant: unknown, userId: unknown): Choice | undefined {
  const shop = shops.shops.find((each) => each.tenant === tenant) ?? shops.shops[0];
  const played = shop?.shoppers.find((each) => each.user_id === userId);
  return shop && { shop, userId: (played ?? shop.visitor).user_id };
}
