"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useId, useRef } from "react";
import { addressOf, type Filters } from "@/lib/filters";
import { minorPerUnit, parsePrice } from "@/lib/money";
import styles from "./FilterBar.module.css";
import { useShopping } from "./VisitProvider";

/** Department, brand and price filters; each change sets a new address. */
export function FilterBar({ filters }: { filters: Filters }) {
  const { visit } = useShopping();
  const router = useRouter();
  const id = useId();
  const shop = visit?.choice.shop;
  const currency = shop?.currency ?? "USD";
  const department = shop?.departments.find((each) => each.name === filters.category?.[0]);
  const brands = department?.brands ?? shop?.brands ?? [];
  const known = filters.brand === undefined || brands.includes(filters.brand) ? brands : [filters.brand, ...brands];
  const go = (changed: Filters) => router.push(addressOf({ ...filters, ...changed }), { scroll: false });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => parsePrice(String(form.get(name) ?? ""), currency);
    go({ priceMin: typed("min"), priceMax: typed("max") });
  };
  const units = (minor?: number) => (minor === undefined ? "" : String(minor / minorPerUnit(currency)));
  return (
    <div className={styles.bar}>
      <nav aria-label="Departments" className={styles.departments}>
        <ul>
          <li>
            <Chip label="All" on={filters.category === undefined} onClick={() => go({ category: undefined })} />
          </li>
          {shop?.departments.map(({ name, label }) => (
            <li key={name}>
              <Chip
                label={label}
                on={filters.category?.[0] === name}
                onClick={() => go({ category: [name], brand: undefined })}
              />
            </li>
          ))}
        </ul>
      </nav>
      <form className={styles.form} onSubmit={submit}>
        <label className={styles.field} htmlFor={`${id}-brand`}>
          Brand
          <select
            id={`${id}-brand`}
            value={filters.brand ?? ""}
            onChange={(event) => go({ brand: event.target.value || undefined })}
          >
            <option value="">All</option>
            {known.map((brand) => (
              <option key={brand}>{brand}</option>
            ))}
          </select>
        </label>
        <fieldset className={styles.prices}>
          <legend className="unseen">Price in {currency}</legend>
          <Price label="From" name="min" value={units(filters.priceMin)} placeholder="0" />
          <Price label="to" name="max" value={units(filters.priceMax)} placeholder="any" />
          <button type="submit">Set price</button>
        </fieldset>
      </form>
    </div>
  );
}

function Chip({ label, on, onClick }: { label: string; on: boolean; onClick: () => void }) {
  return (
    <button type="button" className={styles.chip} aria-pressed={on} onClick={onClick}>
      {label}
    </button>
  );
}

interface PriceProperties {
  label: string;
  name: string;
  value: string;
  placeholder: string;
}

/** Shows the value of the address, except while somebody types; it keeps the focus when it is submitted. */
function Price({ label, name, value, placeholder }: PriceProperties) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current && input.current !== document.activeElement) input.current.value = value;
  }, [value]);
  return (
    <label className={styles.field}>
      {label}
      <input ref={input} name={name} inputMode="decimal" size={4} defaultValue={value} placeholder={placeholder} />
    </label>
  );
}
