import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: { alias: { "@recommndr/client": here("client/src/index.ts"), "@": here(".") } },
  test: {
    exclude: ["**/node_modules/**", "**/dist/**"],
    include: ["lib/**/*.test.ts", "client/**/*.test.ts"],
    environment: "node",
    testTimeout: 120_000, // a test that hangs is ended; how slow the machine is decides nothing
  },
});
