import type { ReactNode } from "react";
import { CartNews } from "./CartNews";
import { Header } from "./Header";
import styles from "./ShopFrame.module.css";
import { Switcher } from "./Switcher";
import { VisitProvider } from "./VisitProvider";

/** Header and footer of every page of the shop. */
export function ShopFrame({ children }: { children: ReactNode }) {
  return (
    <VisitProvider>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Switcher />
      <Header />
      <CartNews />
      <main id="main" className={styles.main}>
        {children}
      </main>
      <footer className={styles.footer}>
        <p>A demonstration shop. Nothing is delivered, nothing is charged.</p>
      </footer>
    </VisitProvider>
  );
}
