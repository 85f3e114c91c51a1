import type { Alert } from "@/lib/ops/figures";
import { pageOf } from "@/lib/ops/runbookPage";

import styles from "./ops.module.css";

const RANK: Record<string, number> = { critical: 0, warning: 1 };

/** The firing alerts, the most severe first, each with a link to its runbook. */
export function Alerts({ alerts, known }: { alerts: Alert[]; known: boolean }) {
  const ordered = alerts
    .filter((alert) => alert.severity !== "none")
    .sort((a, b) => (RANK[a.severity] ?? 2) - (RANK[b.severity] ?? 2) || a.name.localeCompare(b.name));
  return (
    <section aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      {ordered.length === 0 ? (
        <p className={known ? styles.good : styles.quiet}>{known ? "None." : "Not known."}</p>
      ) : (
        <ul className={styles.alerts}>
          {ordered.map((alert) => (
            <Row key={alert.name + JSON.stringify(alert.labels)} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ alert }: { alert: Alert }) {
  const firing = alert.state === "firing";
  const runbook = alert.runbook_url && (pageOf(alert.runbook_url) ?? alert.runbook_url);
  return (
    <li data-tone={firing ? (RANK[alert.severity] === 0 ? "bad" : "warn") : "none"}>
      <strong>{alert.name}</strong>
      <span className={styles.quiet}>
        {firing ? "since" : "pending since"} {new Date(alert.since).toLocaleTimeString("en-GB")}
      </span>
      <span>{alert.summary}</span>
      {runbook && <a href={runbook}>Runbook</a>}
    </li>
  );
}
