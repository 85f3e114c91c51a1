"use client";

import type { List, Place } from "@recommndr/client";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { quantityOf } from "@/lib/cart";
import { price } from "@/lib/money";
import { readable } from "@/lib/naming";
import { Picture } from "./Picture";
import styles from "./ProductCard.module.css";
import { useCart } from "./useCart";
import { useShopping } from "./VisitProvider";

/** One place of a list. Actions on the card are attributed to the list. */
export function ProductCard({ list, place, reason }: { list: List; place: Place; reason?: string | undefined }) {
  const { visit } = useShopping();
  const { product } = place;
  const card = useRef<HTMLElement>(null);
  const { id: listId, attribution } = list;
  const { position } = place;
  useEffect(() => {
    if (!visit || !card.current) return;
    return visit.impressions.watch(card.current, { listId, attribution, itemId: product.item_id, position });
  }, [visit, listId, attribution, product.item_id, position]);
  return (
    <article ref={card} className={styles.card} data-item={product.item_id}>
      <div className={styles.picture}>
        <Picture product={product} />
      </div>
      <p className={styles.detail}>{product.brand ?? readable(product.category_path.at(-1) ?? "")}</p>
      <h3 className={styles.title}>
        <Link
          href={`/product?id=${encodeURIComponent(product.item_id)}`}
          prefetch={false}
          onClick={() => {
            visit?.shelf.keep([product]);
            visit?.clicked(list, place);
          }}
        >
          {product.title}
        </Link>
      </h3>
      <div className={styles.foot}>
        <p className={styles.price}>{priceOf(product)}</p>
        <AddButton title={product.title} itemId={product.item_id} add={() => visit?.putIntoCart(product, 1, list)} />
      </div>
      {reason !== undefined && <p className={styles.reason}>{reason}</p>}
    </article>
  );
}

/** Adds one more with each click; it shows the quantity in the cart, so that the shopper sees that it worked. */
function AddButton({ title, itemId, add }: { title: string; itemId: string; add: () => void }) {
  const n = quantityOf(useCart(), itemId);
  const label = n === 0 ? `Add ${title} to cart` : `Add one more ${title} to cart, ${n} in it`;
  return (
    <button type="button" className={n === 0 ? styles.add : styles.added} aria-label={label} onClick={add}>
      {n === 0 ? (
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 4v12M4 10h12" />
        </svg>
      ) : (
        <span aria-hidden="true">{n}</span>
      )}
    </button>
  );
}

function priceOf({ price_minor, currency }: Place["product"]): string {
  return price_minor === null || currency === null ? "Price in store" : price(price_minor, currency);
}
