import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

// The shop's pages set their own titles (`PageTitle`).
export const metadata: Metadata = { description: "A shop on Recommndr" };
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

/** Frame of every page of the export, operators' pages too, so it contains nothing of the shop. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
