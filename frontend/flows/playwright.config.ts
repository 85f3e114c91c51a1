import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "../e2e/chromium";

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 }, // for a busy machine: states may come late
  reporter: [["list"]],
  outputDir: "../test-results",
  use: {
    baseURL: process.env.STOREFRONT_URL,
    viewport: { width: 1280, height: 900 },
    launchOptions: CHROMIUM,
    trace: "off",
    screenshot: "only-on-failure",
  },
});
