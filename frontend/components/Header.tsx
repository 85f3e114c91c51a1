"use client";

import Link from "next/link";
import { CartLink } from "./CartLink";
import styles from "./Header.module.css";
import { SearchBox } from "./SearchBox";
import { useShopping } from "./VisitProvider";

export function Header() {
  const { visit } = useShopping();
  return (
    <header className={styles.header}>
      <div className={styles.inner}>
        <Link href="/" prefetch={false} className={styles.name}>
          {visit?.choice.shop.name ?? <span className={styles.coming}>Shop</span>}
        </Link>
        <SearchBox />
        <CartLink />
      </div>
    </header>
  );
}
