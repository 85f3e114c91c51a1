// The typed client's types, out of the OpenAPI documents. `npm run api` writes them, `--check` says whether they are in step.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const documents = { serving: "openapi.json", collector: "openapi-collector.json", rollout: "openapi-rollout.json" };
const here = (path) => new URL(path, import.meta.url);

let stale = false;
for (const [name, document] of Object.entries(documents)) {
  // What has a default need not be sent.
  const types = astToString(await openapiTS(here(`../../docs/${document}`), { defaultNonNullable: false }));
  const made = `// Read off docs/${document} by \`npm run api\`.\n\n${types}`;
  const target = here(`../lib/api/${name}.ts`);
  if (process.argv.includes("--check")) {
    const committed = await readFile(target, "utf8").catch(() => "");
    if (committed === made) continue;
    console.error(`frontend/lib/api/${name}.ts is out of step with docs/${document}: run \`npm run api\` in frontend/`);
    stale = true;
  } else {
    await writeFile(target, made);
  }
}
process.exitCode = stale ? 1 : 0;
