"use client";

import { useCallback, useState } from "react";

import { type Series, type SeriesName, series } from "@/lib/ops/figures";
import { duration, percent, rate } from "@/lib/ops/show";
import { lastOf, pathOf, topOf } from "@/lib/ops/sparkline";

import styles from "./sparklines.module.css";
import { usePolled } from "./usePolled";

const EVERY_MS = 15_000;
const [WIDTH, HEIGHT] = [240, 48];
const WINDOWS = [
  { minutes: 60, label: "last hour" },
  { minutes: 360, label: "last 6 hours" },
  { minutes: 1_440, label: "last day" },
];
const FIGURES: { name: SeriesName; label: string; show: (value: number | null) => string; atMost?: number }[] = [
  { name: "click_ratio", label: "Clicks, 1 h", show: percent },
  { name: "p95_s", label: "p95", show: duration },
  { name: "error_ratio", label: "Errors", show: percent, atMost: 1 },
  { name: "full_ratio", label: "Full lists", show: percent, atMost: 1 },
  { name: "requests_per_s", label: "Answers/s", show: rate },
];

/** The tenant's recorded figures by slot over time. */
export function Sparklines({ tenant }: { tenant: string }) {
  const [minutes, setMinutes] = useState(60);
  const ask = useCallback((signal: AbortSignal) => series(tenant, minutes, signal), [tenant, minutes]);
  const { value, problem } = usePolled(ask, EVERY_MS);
  const isAway = problem !== null || value?.prometheus_reached === false;
  return (
    <div>
      <div className={styles.over}>
        <h3>By slot over time</h3>
        <select aria-label="Window" value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {WINDOWS.map((one) => (
            <option key={one.minutes} value={one.minutes}>
              {one.label}
            </option>
          ))}
        </select>
        {isAway && <span className={styles.soft}>{problem ?? "Prometheus does not answer"}</span>}
      </div>
      <div className={styles.sparklines}>
        {FIGURES.map((figure) => (
          <Sparkline key={figure.name} figure={figure} series={value} />
        ))}
      </div>
    </div>
  );
}

function Sparkline({ figure, series }: { figure: (typeof FIGURES)[number]; series: Series | null }) {
  const lines = series?.lines.filter((line) => line.name === figure.name) ?? [];
  const top = topOf(
    lines.map((line) => line.points),
    figure.atMost,
  );
  const last = lines.map((line) => ({ slot: line.slot, shown: figure.show(lastOf(line.points)) }));
  const told = last.map(({ slot, shown }) => `${slot} ${shown}`).join(", ");
  return (
    <figure>
      <figcaption>
        {figure.label}
        <span>
          {last.map(({ slot, shown }) => (
            <span key={slot} data-slot={slot}>
              {shown}
            </span>
          ))}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{`${figure.label}: ${told || "nothing measured"}`}</title>
        {lines.map((line) => (
          <path key={line.slot} data-slot={line.slot} d={pathOf(line.points, WIDTH, HEIGHT, top)} />
        ))}
      </svg>
      <span className={styles.scale}>{lines.length > 0 ? `0 to ${figure.show(top)}` : "nothing measured"}</span>
    </figure>
  );
}
