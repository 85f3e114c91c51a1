import type { Verdict } from "@/lib/ops/figures";

import styles from "./release.module.css";

const ORDER: Record<Verdict["health"], number> = { failing: 0, unknown: 1, healthy: 2 };
const CONSEQUENCE: Record<Verdict["consequence"], string> = {
  act: "takes the traffic back",
  alert: "holds the release",
  observe: "is only shown",
};

/** What each rule says of the release under way: failing rules first, those that are only shown folded. */
export function Rules({ verdicts }: { verdicts: Verdict[] }) {
  const ordered = [...verdicts].sort((a, b) => ORDER[a.health] - ORDER[b.health]);
  const shown = ordered.filter((verdict) => verdict.consequence !== "observe");
  const folded = ordered.filter((verdict) => verdict.consequence === "observe");
  return (
    <div className={styles.rules}>
      <h3>Rules</h3>
      {verdicts.length === 0 && <p className={styles.soft}>Nothing is judged while no release is under way.</p>}
      {shown.length > 0 && <List verdicts={shown} label="Rules that decide" />}
      {folded.length > 0 && (
        <details>
          <summary>Only shown: {folded.map(({ rule, health }) => `${rule} ${health}`).join(", ")}</summary>
          <List verdicts={folded} label="Rules that are only shown" />
        </details>
      )}
    </div>
  );
}

function List({ verdicts, label }: { verdicts: Verdict[]; label: string }) {
  return (
    <ul aria-label={label}>
      {verdicts.map(({ rule, health, finding, consequence, description }) => (
        <li key={rule} data-health={health}>
          <strong title={description}>{rule.replaceAll("_", " ")}</strong>
          <span className={styles.health}>{health}</span>
          <span className={styles.finding}>{finding}</span>
          <span className={styles.soft}>{health === "failing" && CONSEQUENCE[consequence]}</span>
        </li>
      ))}
    </ul>
  );
}
