"use client";

import type { Product } from "@recommndr/client";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Suspense, useEffect, useRef } from "react";
import { BestSellers } from "@/components/BestSellers";
import { ForYou } from "@/components/ForYouRail";
import { Notice } from "@/components/Notice";
import { PageTitle } from "@/components/PageTitle";
import { ProductDetail } from "@/components/ProductDetail";
import { SimilarRail } from "@/components/SimilarRail";
import { useProduct } from "@/components/useProduct";
import { useShopping } from "@/components/VisitProvider";
import type { Visit } from "@/lib/visit";

export default function ProductPage() {
  return (
    <Suspense fallback={<PageTitle />}>
      <ProductById />
    </Suspense>
  );
}

function ProductById() {
  const itemId = useSearchParams().get("id") ?? "";
  const { visit } = useShopping();
  const { product, away } = useProduct(visit, itemId);
  useView(visit, product);
  if (product === null) return <NoSuchProduct />;
  return (
    <>
      <PageTitle page={product?.title} />
      {away && (
        <Notice>
          {product
            ? "We can't reach the catalogue right now. Price and availability may have changed."
            : "We can't show this product right now. This page tries again by itself."}
        </Notice>
      )}
      {!(away && !product) && <ProductDetail product={product} />}
      {itemId !== "" && <SimilarRail key={itemId} itemId={itemId} />}
      <ForYou without={itemId} />
    </>
  );
}

function NoSuchProduct() {
  return (
    <>
      <PageTitle page="Product not found" />
      <h1 className="unseen">Product not found</h1>
      <Notice quiet>
        We don't have this product. <Link href="/">To the shop</Link>
      </Notice>
      <BestSellers />
    </>
  );
}

/** Sends one view per visit and opened page, also when the product is set twice. */
function useView(visit: Visit | undefined, product: Product | null | undefined): void {
  const seen = useRef<string>(undefined);
  useEffect(() => {
    if (!visit || !product) return;
    const name = `${visit.choice.shop.tenant} ${visit.userId} ${product.item_id}`;
    if (seen.current === name) return;
    seen.current = name;
    visit.viewed(product);
  }, [visit, product]);
}
