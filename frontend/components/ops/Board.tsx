"use client";

import { type Figures, figures } from "@/lib/ops/figures";
import type { Polled } from "@/lib/ops/poll";
import { age } from "@/lib/ops/show";

import { Alerts } from "./Alerts";
import { Overview } from "./Overview";
import styles from "./ops.module.css";
import { Processes } from "./Processes";
import { Release } from "./Release";
import { Tenants } from "./Tenants";
import { useChosen } from "./useChosen";
import { usePolled } from "./usePolled";

const EVERY_MS = 2_000;

/** The `/ops` page: what needs somebody, each tenant's traffic, the release of the chosen tenant with its buttons. */
export function Board() {
  const polled = usePolled(figures, EVERY_MS);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>Operations</h1>
        <Freshness polled={polled} />
      </header>
      <main>
        {polled.value ? (
          <Sections figures={polled.value} />
        ) : (
          <p className={styles.quiet}>Waiting for the first figures …</p>
        )}
      </main>
    </div>
  );
}

function Freshness({ polled }: { polled: Polled<Figures> }) {
  if (polled.problem) {
    const since = polled.at === null ? "" : ` Shown is what was known ${age((Date.now() - polled.at) / 1000)} ago.`;
    return (
      <p role="status" className={styles.stale}>
        No figures: {polled.problem}.{since}
      </p>
    );
  }
  if (!polled.value) return null;
  const clock = new Date(polled.value.at).toLocaleTimeString("en-GB");
  return <p className={styles.quiet}>as of {clock}, rates and percentiles over 5 minutes</p>;
}

function Sections({ figures }: { figures: Figures }) {
  const at = Date.parse(figures.at);
  const chosen = useChosen(figures.tenants);
  return (
    <>
      <Overview figures={figures} />
      <Tenants tenants={figures.tenants} at={at} chosen={chosen?.tenant} />
      {chosen && <Release key={chosen.tenant} tenant={chosen} at={at} />}
      <Processes slots={figures.slots} stream={figures.stream} />
      <Alerts alerts={figures.alerts} known={figures.prometheus_reached} />
    </>
  );
}
