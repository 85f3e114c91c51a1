"use client";

import Link from "next/link";
import { useRef, useState } from "react";
import { CartTable } from "@/components/CartTable";
import { ForYou } from "@/components/ForYouRail";
import { Notice } from "@/components/Notice";
import { PageTitle } from "@/components/PageTitle";
import { useCart } from "@/components/useCart";
import { useShopping } from "@/components/VisitProvider";
import { type Cart, count, total } from "@/lib/cart";
import { price } from "@/lib/money";
import { items } from "@/lib/naming";
import styles from "./cart.module.css";

export default function CartPage() {
  const { visit } = useShopping();
  const cart = useCart();
  const heading = useRef<HTMLHeadingElement>(null);
  const [ordered, setOrdered] = useState<Cart>();
  const currency = visit?.choice.shop.currency ?? "USD";
  const name = ordered && cart.length === 0 ? "Thank you" : "Your cart";
  const order = () => {
    setOrdered(visit?.checkOut());
    window.scrollTo({ top: 0 });
    heading.current?.focus({ preventScroll: true }); // the button that had the focus is removed
  };
  return (
    <>
      <PageTitle page={name} />
      <h1 ref={heading} tabIndex={-1} className={styles.heading}>
        {name}
      </h1>
      {cart.length > 0 && (
        <div className={styles.columns}>
          <CartTable cart={cart} onEmpty={() => heading.current?.focus()} />
          <section className={styles.summary} aria-label="Summary">
            <dl>
              <dt>{items(count(cart))}</dt>
              <dd data-testid="total">{price(total(cart), currency)}</dd>
            </dl>
            <button type="button" onClick={order}>
              Buy now
            </button>
            <p>This is a demonstration: nothing is charged.</p>
          </section>
        </div>
      )}
      {visit && cart.length === 0 && (ordered ? <Thanks order={ordered} currency={currency} /> : <Empty />)}
      {/* Below lines of which nobody knows how many there are before there is a visit. */}
      {visit && <ForYou />}
    </>
  );
}

function Thanks({ order, currency }: { order: Cart; currency: string }) {
  return (
    <section className={styles.thanks} role="status">
      <p>
        Your order of {items(count(order))} for {price(total(order), currency)} is placed.
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
    <Notice quiet>
      Nothing in it yet. <Link href="/">To the shop</Link>
    </Notice>
  );
}
