import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "./e2e/chromium";

export default defineConfig({
  testDir: "e2e",
  workers: 1, // one installation, one browser
  timeout: 600_000, // a flow that hangs is ended; how slow the machine is decides nothing
  expect: { timeout: 120_000 }, // the machine runs a whole installation beside the browser
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    baseURL: process.env.STOREFRONT_URL,
    viewport: { width: 1280, height: 900 },
    launchOptions: CHROMIUM,
    trace: "off",
    screenshot: "only-on-failure",
  },
});
