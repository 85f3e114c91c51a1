"use client";

import { useEffect, useRef, useState } from "react";
import { count } from "@/lib/cart";
import { items } from "@/lib/naming";
import { useCart } from "./useCart";
import { useShopping } from "./VisitProvider";

/** Announces the cart's contents to screen readers whenever they change. */
export function CartNews() {
  const { visit } = useShopping();
  const n = count(useCart());
  const before = useRef({ visit, n });
  const [news, setNews] = useState("");
  useEffect(() => {
    const changed = before.current.visit === visit && before.current.n !== n;
    before.current = { visit, n };
    if (changed) setNews(n === 0 ? "Your cart is empty" : `${items(n)} in your cart`);
  }, [visit, n]);
  return (
    <p className="unseen" role="status" data-testid="cart-news">
      {news}
    </p>
  );
}
