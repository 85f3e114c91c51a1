/** Renders a runbook's Markdown as a page when the pages are built, so that people on call need no repository. */

import { Marked, type Tokens } from "marked";

import { pageOf } from "./runbookPage";

/** HTML of trusted Markdown. Headings have anchors, runbooks are links, other files of the repository become paths. */
export function htmlOf(markdown: string): string {
  return new Marked({ renderer: { heading, link } }).parse(markdown, { async: false });
}

function heading({ text, depth }: Tokens.Heading): string {
  const id = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `<h${depth} id="${id}">${text}</h${depth}>\n`;
}

function link({ href, text }: Tokens.Link): string {
  const page = href.includes("/") ? null : pageOf(href);
  if (page !== null) return `<a href="${page}">${text}</a>`;
  if (href.startsWith("http")) return `<a href="${href}">${text}</a>`;
  return `${text} (<code>${href.replaceAll("../", "")}</code>)`;
}
