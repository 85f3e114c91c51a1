import type { Bought, Product } from "@recommndr/client";

export type CartLine = Bought;

/** In the order of first adding; each item once, every quantity at least 1. */
export type Cart = readonly CartLine[];

export const MAX_QUANTITY = 99;

export function add(cart: Cart, product: Product, quantity = 1): Cart {
  return setQuantity(cart, product, quantityOf(cart, product.item_id) + quantity);
}

/** A quantity of 0 or less removes the line. */
export function setQuantity(cart: Cart, product: Product, quantity: number): Cart {
  const wanted = Math.min(Math.trunc(quantity), MAX_QUANTITY);
  if (!(wanted >= 1)) return cart.filter((line) => line.product.item_id !== product.item_id);
  const line = { product, quantity: wanted };
  const known = cart.some((each) => each.product.item_id === product.item_id);
  return known ? cart.map((each) => (each.product.item_id === product.item_id ? line : each)) : [...cart, line];
}

export function quantityOf(cart: Cart, itemId: string): number {
  return cart.find((line) => line.product.item_id === itemId)?.quantity ?? 0;
}

export function count(cart: Cart): number {
  return cart.reduce((sum, line) => sum + line.quantity, 0);
}

/** In minor units; items without a price add nothing. */
export function total(cart: Cart): number {
  return cart.reduce((sum, line) => sum + line.quantity * (line.product.price_minor ?? 0), 0);
}
