import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

// The shop's pages name themselves (`PageTitle`).
export const metadata: Metadata = { description: "A shop on Recommndr" };
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

/** Every page of the export, the operators' too: nothing of the shop is in here. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
