"use client";

import { useSyncExternalStore } from "react";
import type { Cart } from "@/lib/cart";
import { useShopping } from "./VisitProvider";

const NOTHING: Cart = [];
const never = () => () => {};
const nothing = () => NOTHING;

/** The cart of the current visit. */
export function useCart(): Cart {
  const { visit } = useShopping();
  return useSyncExternalStore(visit?.onChange ?? never, visit?.cart ?? nothing, nothing);
}
