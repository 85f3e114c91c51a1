import type { Alert } from "@/lib/ops/figures";
import { pageOf } from "@/lib/ops/runbookPage";
import { isFolded } from "@/lib/ops/verdict";

import styles from "./ops.module.css";

const QUIET: Record<NonNullable<Alert["muted"]>, string> = {
  silence: "silenced",
  other_alert: "follows from another alert",
};

/** The alerts that need nobody, folded; the others are in the verdict at the top. */
export function Alerts({ alerts, known }: { alerts: Alert[]; known: boolean }) {
  const firing = alerts.filter((alert) => !isFolded(alert)).length;
  const folded = alerts
    .filter((alert) => isFolded(alert) && alert.severity !== "none")
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      <p className={styles.quiet}>
        {known ? `${firing} firing, ${folded.length} pending or kept quiet.` : "Not known."}
      </p>
      {folded.length > 0 && (
        <details className={styles.folded}>
          <summary>Pending, silenced and following alerts</summary>
          <ul className={styles.alerts}>
            {folded.map((alert) => (
              <Row key={alert.name + JSON.stringify(alert.labels)} alert={alert} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Row({ alert }: { alert: Alert }) {
  const runbook = alert.runbook_url && (pageOf(alert.runbook_url) ?? alert.runbook_url);
  return (
    <li>
      <strong>{alert.name}</strong>
      <span className={styles.quiet}>
        {alert.muted ? QUIET[alert.muted] : "pending"}, since {new Date(alert.since).toLocaleTimeString("en-GB")}
      </span>
      <span>{alert.summary}</span>
      {runbook && <a href={runbook}>Runbook</a>}
    </li>
  );
}
