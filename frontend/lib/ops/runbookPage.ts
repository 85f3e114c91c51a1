/** The page of a runbook's file in the repository; null for other links, such as an alert's `runbook_url`. */
export function pageOf(path: string): string | null {
  const [, name, anchor] = /(?:^|\/)([A-Za-z]+)\.md(#.*)?$/.exec(path) ?? [];
  return name === undefined ? null : `/ops/runbooks/${name}${anchor ?? ""}`;
}
