"use client";

import type { Shopper } from "@/lib/shops";
import styles from "./Switcher.module.css";
import { useShopping } from "./VisitProvider";

const KNOWN: Record<Shopper["kind"], string> = { cold: "unknown", warm: "a little known", hot: "well known" };
const NEW = " new"; // shopper ids do not begin with a space

/** Development only: switch to another shopper or another shop. */
export function Switcher() {
  const { shops, visit, choose, becomeNew } = useShopping();
  if (shops && !shops.dev) return null;
  const tenant = visit?.choice.shop.tenant ?? "";
  const visitor = visit?.choice.shop.visitor;
  return (
    <section className={styles.bar} aria-label="Demonstration">
      <div className={styles.inner}>
        <span className={styles.badge}>Demo</span>
        <label className={styles.field}>
          <span>Shop</span>
          <select value={tenant} onChange={(event) => choose(event.target.value)} disabled={!visit}>
            {shops?.shops.map((shop) => (
              <option key={shop.tenant} value={shop.tenant}>
                {shop.name}
              </option>
            ))}
          </select>
        </label>
        <label className={styles.field}>
          <span>Shopper</span>
          <select
            value={visit?.userId ?? ""}
            onChange={({ target }) => (target.value === NEW ? becomeNew() : choose(tenant, target.value))}
            disabled={!visit}
          >
            {visitor && (
              <option value={visitor.user_id}>{visitor.signed_in ? "You, signed in" : "You, a guest (unknown)"}</option>
            )}
            {visit?.choice.shop.shoppers.map((shopper) => (
              <option key={shopper.user_id} value={shopper.user_id}>
                {shopper.label} ({KNOWN[shopper.kind]})
              </option>
            ))}
            {visitor && !visitor.signed_in && <option value={NEW}>A new guest</option>}
          </select>
        </label>
      </div>
    </section>
  );
}
