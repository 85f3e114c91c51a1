"use client";

import { useSearchParams } from "next/navigation";
import { Suspense, useMemo } from "react";
import { FilterBar } from "@/components/FilterBar";
import { ForYouRail } from "@/components/ForYouRail";
import { Grid } from "@/components/Grid";
import { useShopping } from "@/components/VisitProvider";
import { type Filters, filtersOf, isSearch } from "@/lib/filters";
import { readable } from "@/lib/naming";
import styles from "./home.module.css";

export default function HomePage() {
  return (
    <Suspense>
      <Home />
    </Suspense>
  );
}

function Home() {
  const search = useSearchParams();
  const filters = useMemo(() => filtersOf(search), [search]);
  const { visit } = useShopping();
  const [root, ...below] = filters.category ?? [];
  const department = below.length === 0 ? visit?.choice.shop.departments.find((each) => each.name === root) : undefined;
  return (
    <>
      <h1 className="unseen">{visit?.choice.shop.name ?? "Shop"}</h1>
      {!isSearch(filters) && <ForYouRail category={filters.category} label={department?.label} />}
      <h2 className={styles.heading}>{headingOf(filters, department?.label)}</h2>
      <FilterBar filters={filters} />
      <Grid filters={filters} />
    </>
  );
}

function headingOf(filters: Filters, label?: string): string {
  const where = label ?? (filters.category === undefined ? undefined : readable(filters.category.at(-1) ?? ""));
  if (filters.q !== undefined) return `“${filters.q}”${where === undefined ? "" : ` in ${where}`}`;
  return where ?? "Best sellers and more";
}
