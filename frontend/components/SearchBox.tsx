"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { addressOf } from "@/lib/filters";
import styles from "./SearchBox.module.css";
import { useShopping } from "./VisitProvider";

export function SearchBox() {
  const { visit } = useShopping();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const q = input.current?.value.trim();
    if (q) visit?.searched(q);
    router.push(addressOf(q ? { q } : {}));
    input.current?.blur();
  };
  return (
    <search className={styles.search}>
      <form onSubmit={submit}>
        <svg viewBox="0 0 20 20" aria-hidden="true" className={styles.glass}>
          <path d="M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3zm4.5 10.5L18 18" />
        </svg>
        <input ref={input} type="search" name="q" aria-label="Search products" placeholder="Search" maxLength={128} />
      </form>
    </search>
  );
}
