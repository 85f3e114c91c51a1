import type { Placement, Tenant } from "@/lib/ops/figures";
import { LABELS } from "@/lib/ops/phases";
import { age, duration, percent, rate, tone } from "@/lib/ops/show";
import { anchorOf } from "@/lib/ops/verdict";

import styles from "./ops.module.css";

// The limits of the alerts, so that colours and alerts agree.
const ERRORS = { warn: 0.01, bad: 0.05 };
const P95_S = { warn: 0.1, bad: 0.3 };
const NOT_FULL = { warn: 0.01, bad: 0.1 };

interface Props {
  tenants: Tenant[];
  at: number;
  /** The tenant whose release is shown below. */
  chosen: string | undefined;
}

/** One row per tenant and slot: version, traffic, errors and latency. A tenant's name leads to its release. */
export function Tenants({ tenants, at, chosen }: Props) {
  return (
    <div>
      <h2 id="tenants">Tenants</h2>
      {tenants.length === 0 ? (
        <p className={styles.quiet}>No tenant has a release yet.</p>
      ) : (
        // The table is wider than a phone's screen; the keyboard must be able to scroll it.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region has to be reached by keyboard
        <section className={styles.scroll} tabIndex={0} aria-labelledby="tenants">
          <table>
            <thead>
              <tr>
                <th scope="col">Tenant</th>
                <th scope="col">Slot</th>
                <th scope="col">Version</th>
                <th scope="col">Since</th>
                <th scope="col">Weight</th>
                <th scope="col">Answers/s</th>
                <th scope="col">Errors</th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
                <th scope="col">p99</th>
                <th scope="col">In full</th>
              </tr>
            </thead>
            {tenants.map((tenant) => (
              <Rows key={tenant.tenant} tenant={tenant} at={at} isChosen={tenant.tenant === chosen} />
            ))}
          </table>
        </section>
      )}
    </div>
  );
}

function Rows({ tenant, at, isChosen }: { tenant: Tenant; at: number; isChosen: boolean }) {
  return (
    <tbody data-chosen={isChosen}>
      {tenant.slots.map((placed, row) => (
        <tr key={placed.slot} className={placed.weight_percent > 0 ? undefined : styles.idle}>
          {row === 0 && (
            <th scope="rowgroup" rowSpan={tenant.slots.length}>
              <a href={`#${anchorOf(tenant.tenant)}`} aria-current={isChosen ? "true" : undefined}>
                {tenant.tenant}
              </a>
              <span className={styles.quiet}>
                {LABELS[tenant.phase]}
                {tenant.paused && ", paused"}
              </span>
            </th>
          )}
          <Cells placed={placed} at={at} />
        </tr>
      ))}
    </tbody>
  );
}

function Cells({ placed, at }: { placed: Placement; at: number }) {
  const full = placed.ladder_ratio.full ?? (Object.keys(placed.ladder_ratio).length > 0 ? 0 : null);
  const steps = Object.entries(placed.ladder_ratio).filter(([, share]) => share > 0);
  return (
    <>
      <td>
        <span className={styles.slot} data-slot={placed.slot}>
          {placed.slot}
        </span>{" "}
        <span className={styles.quiet}>{placed.role}</span>
      </td>
      <td>
        <Version placed={placed} />
      </td>
      <td>{placed.since_s === null ? age(null) : age(at / 1000 - placed.since_s)}</td>
      <td>{percent(placed.weight_percent / 100)}</td>
      <td>{rate(placed.requests_per_s)}</td>
      <td data-tone={tone(placed.error_ratio, ERRORS.warn, ERRORS.bad)}>{percent(placed.error_ratio)}</td>
      <td>{duration(placed.p50_s)}</td>
      <td data-tone={tone(placed.p95_s, P95_S.warn, P95_S.bad)}>{duration(placed.p95_s)}</td>
      <td>{duration(placed.p99_s)}</td>
      <td
        data-tone={tone(full === null ? null : 1 - full, NOT_FULL.warn, NOT_FULL.bad)}
        title={steps.map(([step, share]) => `${step.replaceAll("_", " ")} ${percent(share)}`).join(", ")}
      >
        {percent(full)}
      </td>
    </>
  );
}

function Version({ placed }: { placed: Placement }) {
  if (placed.version === null) return <span className={styles.quiet}>none</span>;
  return (
    <>
      {placed.model_version} <code>{placed.version}</code>
      {placed.loaded_version !== placed.version && <span className={styles.stale}> not loaded</span>}
    </>
  );
}
