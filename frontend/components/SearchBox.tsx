"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, Suspense, useEffect, useRef } from "react";
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
    // The focus stays, so that the search can be changed; an on-screen keyboard closes to show the results.
    if (matchMedia("(pointer: coarse)").matches) input.current?.blur();
  };
  return (
    <search className={styles.search}>
      <form action="/" onSubmit={submit}>
        <svg viewBox="0 0 20 20" aria-hidden="true" className={styles.glass}>
          <path d="M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3zm4.5 10.5L18 18" />
        </svg>
        <input ref={input} type="search" name="q" aria-label="Search products" placeholder="Search" maxLength={128} />
        <Suspense>
          <Searched input={input} />
        </Suspense>
      </form>
    </search>
  );
}

/** Keeps the page's search text in the box, also after a reload and when going back. */
function Searched({ input }: { input: React.RefObject<HTMLInputElement | null> }) {
  const q = useSearchParams().get("q") ?? "";
  const shown = useRef("");
  useEffect(() => {
    // Not at the start of a page without a search: a shopper may have typed before the scripts ran.
    if (input.current && q !== shown.current) input.current.value = q;
    shown.current = q;
  }, [input, q]);
  return null;
}
