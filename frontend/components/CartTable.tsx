"use client";

import Link from "next/link";
import type { MouseEvent } from "react";
import type { Cart, CartLine } from "@/lib/cart";
import { price } from "@/lib/money";
import styles from "./CartTable.module.css";
import { Picture } from "./Picture";
import { useShopping } from "./VisitProvider";

/** `onEmpty` moves the focus when the last line is removed. */
export function CartTable({ cart, onEmpty }: { cart: Cart; onEmpty: () => void }) {
  /** Called before a line with the focused button is removed, so that a neighbour takes the focus. */
  const passFocus = (line: Element | null) => {
    const neighbour = line?.nextElementSibling ?? line?.previousElementSibling;
    if (neighbour) neighbour.querySelector("a")?.focus();
    else onEmpty();
  };
  return (
    <ul className={styles.lines} aria-label="In your cart">
      {cart.map((line) => (
        <Line
          key={line.product.item_id}
          line={line}
          goes={({ currentTarget }) => passFocus(currentTarget.closest("li"))}
        />
      ))}
    </ul>
  );
}

function Line({ line, goes }: { line: CartLine; goes: (event: MouseEvent<HTMLElement>) => void }) {
  const { visit } = useShopping();
  const { product, quantity } = line;
  const change = (to: number) => (event: MouseEvent<HTMLElement>) => {
    if (to < 1) goes(event);
    visit?.setQuantity(product, to);
  };
  const address = `/product?id=${encodeURIComponent(product.item_id)}`;
  return (
    <li className={styles.line} data-item={product.item_id}>
      <div className={styles.picture}>
        <Picture product={product} />
      </div>
      <div className={styles.words}>
        <Link href={address} prefetch={false} className={styles.title}>
          {product.title}
        </Link>
        <p className={styles.brand}>{product.brand}</p>
      </div>
      <div className={styles.stepper}>
        <button type="button" aria-label={`One ${product.title} fewer`} onClick={change(quantity - 1)}>
          −
        </button>
        <span>
          <span className="unseen">Quantity </span>
          {quantity}
        </span>
        <button type="button" aria-label={`One more ${product.title}`} onClick={change(quantity + 1)}>
          +
        </button>
      </div>
      <p className={styles.price}>
        {product.price_minor !== null && product.currency !== null
          ? price(product.price_minor * quantity, product.currency)
          : "–"}
      </p>
      <button type="button" className={styles.remove} onClick={change(0)}>
        Remove<span className="unseen"> {product.title}</span>
      </button>
    </li>
  );
}
