"use client";

import { useEffect, useState } from "react";

import { type Figures, figures } from "@/lib/ops/figures";
import { type Polled, poll } from "@/lib/ops/poll";
import { age } from "@/lib/ops/show";

import { Alerts } from "./Alerts";
import styles from "./ops.module.css";
import { Processes } from "./Processes";
import { Tenants } from "./Tenants";

const EVERY_MS = 2_000;
const TIMEOUT_MS = 4_000;

/** The `/ops` page. It is read-only: releases are steered from the command line. */
export function Board() {
  const [polled, setPolled] = useState<Polled<Figures>>({ value: null, at: null, problem: null });
  useEffect(
    () =>
      poll({
        ask: figures,
        tell: setPolled,
        everyMs: EVERY_MS,
        timeoutMs: TIMEOUT_MS,
        now: Date.now,
        watched: () => document.visibilityState === "visible",
      }),
    [],
  );
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
  return (
    <>
      {!figures.prometheus_reached && (
        <p role="status" className={styles.stale}>
          Prometheus is away: what is live is known, how it does is not.
        </p>
      )}
      <Alerts alerts={figures.alerts} known={figures.prometheus_reached} />
      <Tenants tenants={figures.tenants} at={Date.parse(figures.at)} />
      <Processes slots={figures.slots} stream={figures.stream} />
    </>
  );
}
