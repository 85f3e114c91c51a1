/** The page of an alert's `runbook_url`, a path in the repository; null for what is no runbook of ours. */
export function pageOf(path: string): string | null {
  const [, name, anchor] = /(?:^|\/)([A-Za-z]+)\.md(#.*)?$/.exec(path) ?? [];
  return name === undefined ? null : `/ops/runbooks/${name}${anchor ?? ""}`;
}
