"use client";

import Link from "next/link";
import { useState } from "react";
import { CartTable } from "@/components/CartTable";
import { ForYouRail } from "@/components/ForYouRail";
import { Notice } from "@/components/Notice";
import { useCart } from "@/components/useCart";
import { useShopping } from "@/components/VisitProvider";
import { type Cart, count, total } from "@/lib/cart";
import { price } from "@/lib/money";
import styles from "./cart.module.css";

export default function CartPage() {
  const { visit } = useShopping();
  const cart = useCart();
  const [ordered, setOrdered] = useState<Cart>();
  const currency = visit?.choice.shop.currency ?? "USD";
  const order = () => {
    setOrdered(visit?.checkOut());
    window.scrollTo({ top: 0 });
  };
  return (
    <>
      <h1 className={styles.heading}>{ordered && cart.length === 0 ? "Thank you" : "Your cart"}</h1>
      {cart.length > 0 && (
        <div className={styles.columns}>
          <CartTable cart={cart} />
          <section className={styles.summary} aria-label="Summary">
            <dl>
              <dt>{count(cart) === 1 ? "1 item" : `${count(cart)} items`}</dt>
              <dd data-testid="total">{price(total(cart), currency)}</dd>
            </dl>
            <button type="button" onClick={order}>
              Buy now
            </button>
            <p>A demonstration: nothing is charged.</p>
          </section>
        </div>
      )}
      {visit && cart.length === 0 && (ordered ? <Thanks order={ordered} currency={currency} /> : <Empty />)}
      {/* Below lines of which nobody knows how many there are before there is a visit. */}
      {visit && <ForYouRail />}
    </>
  );
}

function Thanks({ order, currency }: { order: Cart; currency: string }) {
  return (
    <section className={styles.thanks} role="status">
      <p>
        Your order of {count(order) === 1 ? "1 item" : `${count(order)} items`} for {price(total(order), currency)} is
        placed.
      </p>
      <p>
        <Link href="/" className={styles.on}>
          Continue shopping
        </Link>
      </p>
    </section>
  );
}

function Empty() {
  return (
    <Notice>
      Nothing in it yet. <Link href="/">To the shop</Link>
    </Notice>
  );
}
