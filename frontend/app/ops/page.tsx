import type { Metadata } from "next";

import { Board } from "@/components/ops/Board";

export const metadata: Metadata = { title: "Operations · Recommndr", robots: "noindex" };

export default function OpsPage() {
  return <Board />;
}
