"use client";

import type { Product } from "@recommndr/client";
import Link from "next/link";
import { useState } from "react";
import { addressOf } from "@/lib/filters";
import { price } from "@/lib/money";
import { readable } from "@/lib/naming";
import { Picture } from "./Picture";
import styles from "./ProductDetail.module.css";
import { useCart } from "./useCart";
import { useShopping } from "./VisitProvider";

const QUANTITIES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The product's own part of its page; keeps its space while loading. */
export function ProductDetail({ product }: { product: Product | undefined }) {
  return (
    <article className={styles.detail} aria-busy={product === undefined}>
      <div className={styles.picture}>{product && <Picture product={product} eager />}</div>
      <div className={styles.words}>{product ? <Words product={product} /> : <h1 className="unseen">Product</h1>}</div>
    </article>
  );
}

function Words({ product }: { product: Product }) {
  const { visit } = useShopping();
  const departments = visit?.choice.shop.departments ?? [];
  const labelOf = (name: string) => departments.find((each) => each.name === name)?.label ?? readable(name);
  return (
    <>
      <nav aria-label="Categories" className={styles.path}>
        <ol>
          {product.category_path.map((name, depth) => (
            <li key={addressOf({ category: product.category_path.slice(0, depth + 1) })}>
              <Link href={addressOf({ category: product.category_path.slice(0, depth + 1) })} prefetch={false}>
                {labelOf(name)}
              </Link>
            </li>
          ))}
        </ol>
      </nav>
      <h1 className={styles.title}>{product.title}</h1>
      {product.brand !== null && (
        <p className={styles.brand}>
          by{" "}
          <Link href={addressOf({ brand: product.brand })} prefetch={false}>
            {product.brand}
          </Link>
        </p>
      )}
      <p className={styles.price}>
        {product.price_minor === null || product.currency === null
          ? "Price in store"
          : price(product.price_minor, product.currency)}
      </p>
      <Buy key={product.item_id} product={product} />
    </>
  );
}

function Buy({ product }: { product: Product }) {
  const { visit } = useShopping();
  const [quantity, setQuantity] = useState(1);
  const inCart = useCart().find((line) => line.product.item_id === product.item_id)?.quantity ?? 0;
  if (!product.available) return <p className={styles.soldOut}>Sold out at the moment.</p>;
  return (
    <div className={styles.buy}>
      <label className={styles.quantity}>
        <span>Quantity</span>
        <select value={quantity} onChange={(event) => setQuantity(Number(event.target.value))}>
          {QUANTITIES.map((n) => (
            <option key={n}>{n}</option>
          ))}
        </select>
      </label>
      <button type="button" className={styles.add} onClick={() => visit?.putIntoCart(product, quantity)}>
        Add to cart
      </button>
      <p className={styles.inCart}>
        {inCart > 0 && (
          <>
            {inCart} in your <Link href="/cart">cart</Link>
          </>
        )}
      </p>
    </div>
  );
}
