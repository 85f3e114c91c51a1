/** A runbook's page out of its Markdown, when the pages are built: who is called at night has it without the repository. */

import { Marked, type Tokens } from "marked";

import { pageOf } from "./runbookPage";

/** HTML of trusted Markdown: headings can be linked to, other runbooks are links, other files of the repository their paths. */
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
