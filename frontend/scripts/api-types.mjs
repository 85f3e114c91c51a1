// Types of the typed client, from the OpenAPI documents: `npm run api` writes them, `--check` says whether they are current.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

// By output file: the client's package has the shop's API, the operators' page the rest.
const documents = {
  "client/src/api/shop.ts": "openapi.json",
  "lib/api/rollout.ts": "openapi-rollout.json",
};
const here = (path) => new URL(path, import.meta.url);

let stale = false;
for (const [made, document] of Object.entries(documents)) {
  // A field with a default is optional in requests.
  const types = astToString(await openapiTS(here(`../../docs/${document}`), { defaultNonNullable: false }));
  const text = `// Generated from docs/${document} by \`npm run api\`.\n\n${types}`;
  const target = here(`../${made}`);
  if (process.argv.includes("--check")) {
    const committed = await readFile(target, "utf8").catch(() => "");
    if (committed === text) continue;
    console.error(`frontend/${made} is out of step with docs/${document}: run \`npm run api\` in frontend/`);
    stale = true;
  } else {
    await writeFile(target, text);
  }
}
process.exitCode = stale ? 1 : 0;
