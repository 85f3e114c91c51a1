"use client";

import { useSearchParams } from "next/navigation";
import { Suspense, useMemo } from "react";
import { FilterBar } from "@/components/FilterBar";
import { ForYouRail, useForYou } from "@/components/ForYouRail";
import { Grid } from "@/components/Grid";
import { PageTitle } from "@/components/PageTitle";
import { useAbove } from "@/components/useAbove";
import { useShopping } from "@/components/VisitProvider";
import { addressOf, type Filters, filtersOf, isSearch } from "@/lib/filters";
import { readable } from "@/lib/naming";
import styles from "./home.module.css";

export default function HomePage() {
  return (
    <Suspense fallback={<PageTitle />}>
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
  const wanted = !isSearch(filters);
  const forYou = useForYou({ category: filters.category, wanted });
  const above = useAbove(forYou, addressOf(filters));
  const heading = headingOf(filters, department?.label);
  return (
    <>
      <PageTitle page={wanted && filters.category === undefined ? undefined : heading} />
      <h1 className="unseen">{visit?.choice.shop.name ?? "Shop"}</h1>
      {wanted && <ForYouRail list={forYou} category={filters.category} label={department?.label} />}
      <h2 className={styles.heading}>{heading}</h2>
      <FilterBar filters={filters} />
      <Grid filters={filters} above={wanted ? above : undefined} />
    </>
  );
}

function headingOf(filters: Filters, label?: string): string {
  const where = label ?? (filters.category === undefined ? undefined : readable(filters.category.at(-1) ?? ""));
  if (filters.q !== undefined) return `“${filters.q}”${where === undefined ? "" : ` in ${where}`}`;
  return where ?? filters.brand ?? "Best sellers and more";
}
