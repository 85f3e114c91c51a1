import type { ReactNode } from "react";
import { Header } from "@/components/Header";
import { Switcher } from "@/components/Switcher";
import { VisitProvider } from "@/components/VisitProvider";
import styles from "./shop.module.css";

export default function ShopLayout({ children }: { children: ReactNode }) {
  return (
    <VisitProvider>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Switcher />
      <Header />
      <main id="main" className={styles.main}>
        {children}
      </main>
      <footer className={styles.footer}>
        <p>A demonstration shop. Nothing is delivered, nothing is charged.</p>
      </footer>
    </VisitProvider>
  );
}
