/** Packs and installs the package as a shop's developer would, and compiles the how-to's snippets against it. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLIENT = path.join(import.meta.dirname);
const MODULES = path.join(CLIENT, "..", "node_modules");
const HOW_TO = path.join(CLIENT, "..", "..", "docs", "how-to", "put-rails-in-your-storefront.md");

let shop: string;
const run = (command: string, args: string[], cwd: string) => execFileSync(command, args, { cwd, encoding: "utf8" });

beforeAll(() => {
  shop = mkdtempSync(path.join(tmpdir(), "recommndr-shop-"));
  const packed = run("npm", ["pack", "--silent", "--pack-destination", shop], CLIENT).trim().split("\n").at(-1) ?? "";
  const installed = path.join(shop, "node_modules", "@recommndr", "client");
  mkdirSync(installed, { recursive: true });
  run("tar", ["--extract", "--file", packed, "--strip-components=1", "--directory", installed], shop);
  for (const name of ["openapi-fetch", "openapi-typescript-helpers"]) {
    symlinkSync(path.join(MODULES, name), path.join(shop, "node_modules", name));
  }
  writeFileSync(path.join(shop, "package.json"), '{"type": "module"}');
}, 120_000);
afterAll(() => rmSync(shop, { recursive: true, force: true }));

/** The compiler's errors for a file of the shop. */
function diagnosticsOf(name: string, text: string): string[] {
  const file = path.join(shop, name);
  writeFileSync(file, text);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    strict: true,
    noUnusedLocals: true,
    noEmit: true,
    types: [],
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("the how-to compiles as written", { timeout: 60_000 }, () => {
  const snippets = Array.from(readFileSync(HOW_TO, "utf8").matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code ?? "");
  expect(snippets.length).toBeGreaterThan(3);
  expect(diagnosticsOf("shop.ts", snippets.join("\n"))).toEqual([]);
});

test("a mistake in a snippet would be found", { timeout: 60_000 }, () => {
  const wrong = 'import { cut } from "@recommndr/client";\nexport const short: number = cut("text", 2);\n';
  expect(diagnosticsOf("wrong.ts", wrong)).toEqual(["Type 'string' is not assignable to type 'number'."]);
});

test("the installed package runs and contains no operators' code and no tests", () => {
  const program = 'import * as client from "@recommndr/client"; console.log(Object.keys(client).join());';
  const exported = run(process.execPath, ["--input-type=module", "--eval", program], shop).trim().split(",");
  expect(exported).toEqual(expect.arrayContaining(["EventQueue", "Impressions", "Recommndr", "Session", "reasonFor"]));
  const files = run("find", ["node_modules/@recommndr/client", "-type", "f"], shop);
  expect(files).not.toMatch(/ops|rollout|\.test/);
});
