"use client";

import Link from "next/link";
import { count } from "@/lib/cart";
import styles from "./CartLink.module.css";
import { useCart } from "./useCart";

export function CartLink() {
  const n = count(useCart());
  return (
    <Link href="/cart" prefetch={false} className={styles.link}>
      <svg viewBox="0 0 24 24" aria-hidden="true" className={styles.icon}>
        <path d="M6 8h12l1 12H5L6 8zm3 0V6a3 3 0 0 1 6 0v2" />
      </svg>
      <span>Cart</span>
      <span className={styles.count} data-testid="cart-count">
        {n}
        <span className="unseen"> {n === 1 ? "item" : "items"}</span>
      </span>
    </Link>
  );
}
