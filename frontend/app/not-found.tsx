import Link from "next/link";
import { BestSellers } from "@/components/BestSellers";
import { PageTitle } from "@/components/PageTitle";
import { ShopFrame } from "@/components/ShopFrame";
import styles from "./not-found.module.css";

export default function NotFound() {
  return (
    <ShopFrame>
      <PageTitle page="Page not found" />
      <div className={styles.missing}>
        <p className={styles.code} aria-hidden="true">
          404
        </p>
        <h1>Page not found</h1>
        <p>The link may be old, or the address has a typing error.</p>
        <p>
          <Link href="/" className={styles.on}>
            To the shop
          </Link>
        </p>
      </div>
      <BestSellers />
    </ShopFrame>
  );
}
