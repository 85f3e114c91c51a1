import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Metadata } from "next";

import styles from "@/components/ops/ops.module.css";
import { htmlOf } from "@/lib/ops/runbook";

const FOLDER = path.join(process.cwd(), "..", "monitoring", "runbooks");

interface Props {
  params: Promise<{ name: string }>;
}

export const dynamicParams = false;

export async function generateStaticParams(): Promise<{ name: string }[]> {
  const files = await readdir(FOLDER);
  return files.filter((file) => file.endsWith(".md")).map((file) => ({ name: path.basename(file, ".md") }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `${(await params).name} · Runbooks`, robots: "noindex" };
}

export default async function RunbookPage({ params }: Props) {
  const { name } = await params;
  const html = htmlOf(await readFile(path.join(FOLDER, `${name}.md`), "utf8"));
  return (
    <div className={styles.page}>
      <nav aria-label="Operations">
        <a href="/ops">Operations</a>
      </nav>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own files, made into HTML at build time */}
      <main className={styles.runbook} dangerouslySetInnerHTML={{ __html: html }} />
    </div>
  );
}
