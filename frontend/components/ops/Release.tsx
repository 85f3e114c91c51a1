import type { Tenant } from "@/lib/ops/figures";
import { LABELS, standing, WAY } from "@/lib/ops/phases";
import { age } from "@/lib/ops/show";
import { anchorOf } from "@/lib/ops/verdict";

import { Barred } from "./Barred";
import { History } from "./History";
import { Moves } from "./Moves";
import { Rules } from "./Rules";
import styles from "./release.module.css";
import { Sparklines } from "./Sparklines";
import { Versions } from "./Versions";

/** One tenant's release: where it is, what it waits for, what may be done, and why it is there. */
export function Release({ tenant, at }: { tenant: Tenant; at: number }) {
  const anchor = anchorOf(tenant.tenant);
  return (
    <section className={styles.release} id={anchor} tabIndex={-1} aria-labelledby={`${anchor}-title`}>
      <h2 id={`${anchor}-title`}>Release of {tenant.tenant}</h2>
      <p>{standing(tenant)}</p>
      <Way tenant={tenant} />
      <Weights tenant={tenant} />
      <Waits tenant={tenant} at={at} />
      <Moves tenant={tenant} />
      <Rules verdicts={tenant.verdicts} />
      <Sparklines tenant={tenant.tenant} />
      <div className={styles.pair}>
        <Versions slots={tenant.slots} />
        <Barred tenant={tenant} />
      </div>
      <History steps={tenant.steps} />
    </section>
  );
}

function Way({ tenant }: { tenant: Tenant }) {
  const now = WAY.indexOf(tenant.phase);
  return (
    <ol className={styles.way} aria-label="Steps of a release">
      {WAY.map((phase, index) => (
        <li key={phase} data-done={index < now} aria-current={index === now ? "step" : undefined}>
          {phase === "PROMOTED" ? "100 %" : LABELS[phase]}
        </li>
      ))}
    </ol>
  );
}

function Weights({ tenant }: { tenant: Tenant }) {
  const told = tenant.slots.map((slot) => `${slot.slot} ${slot.weight_percent} %`).join(", ");
  return (
    <div className={styles.weights} role="img" aria-label={`Share of shoppers: ${told}`}>
      {tenant.slots.map(({ slot, weight_percent }) => (
        <span key={slot} data-slot={slot} style={{ flexGrow: weight_percent }} hidden={weight_percent === 0}>
          {weight_percent >= 10 && `${slot} ${weight_percent} %`}
        </span>
      ))}
    </div>
  );
}

function Waits({ tenant, at }: { tenant: Tenant; at: number }) {
  const inPhase = tenant.since === null ? null : age((at - Date.parse(tenant.since)) / 1000);
  return (
    <div className={styles.waits}>
      <p>
        <span className={styles.label}>In this phase</span> {inPhase ?? "no trial"}
        {tenant.paused && <strong data-tone="warn">paused</strong>}
      </p>
      {tenant.next_phase && (
        <>
          <p>
            <span className={styles.label}>Next</span> {LABELS[tenant.next_phase]}
            {tenant.waits.length === 0 ? ", at the next look" : ", when"}
          </p>
          <ul>
            {tenant.waits.map(({ told, until }) => (
              <li key={told}>
                {told}
                {until && <em> ({left(until, at)})</em>}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function left(until: string, at: number): string {
  return `at the latest in ${age(Math.max(0, (Date.parse(until) - at) / 1000))}`;
}
