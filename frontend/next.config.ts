import type { NextConfig } from "next";

const config: NextConfig = {
  output: "export",
  reactStrictMode: true,
  typescript: { ignoreBuildErrors: true }, // `npm run check` looks; a build need not look again
  // Catalogue pictures come from anywhere; a static export has no server to scale them.
  images: { unoptimized: true },
};

export default config;
