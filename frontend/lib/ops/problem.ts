/** What a refused request says, in the server's words where it has any. */
export async function problemOf(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => null)) as { detail?: unknown } | null;
  return typeof problem?.detail === "string" ? problem.detail : `the server answered ${response.status}`;
}
