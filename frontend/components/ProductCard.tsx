"use client";

import type { List, Place } from "@recommndr/client";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { price } from "@/lib/money";
import { readable } from "@/lib/naming";
import { Picture } from "./Picture";
import styles from "./ProductCard.module.css";
import { useShopping } from "./VisitProvider";

/** One place of a list. What is done here is attributed to the list. */
export function ProductCard({ list, place, reason }: { list: List; place: Place; reason?: string }) {
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
      <p className={styles.detail}>{product.brand ?? readable(product.category_path.at(-1) ?? "")}</p>
      <div className={styles.foot}>
        <p className={styles.price}>{priceOf(product)}</p>
        <button
          type="button"
          className={styles.add}
          aria-label={`Add ${product.title} to cart`}
          onClick={() => visit?.putIntoCart(product, 1, list)}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M10 4v12M4 10h12" />
          </svg>
        </button>
      </div>
      {reason !== undefined && <p className={styles.reason}>{reason}</p>}
    </article>
  );
}

function priceOf({ price_minor, currency }: Place["product"]): string {
  return price_minor === null || currency === null ? "Price in store" : price(price_minor, currency);
}
