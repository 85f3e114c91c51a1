import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "../e2e/chromium";

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 300_000,
  reporter: [["line"]],
  use: { baseURL: process.env.STOREFRONT_URL, viewport: { width: 1280, height: 900 }, launchOptions: CHROMIUM },
});
