import type { Step } from "@/lib/ops/figures";
import { LABELS } from "@/lib/ops/phases";
import { clock } from "@/lib/ops/show";

import styles from "./release.module.css";

const SHOWN = 6;

/** Who moved the release, when and why; newest first, older steps folded. */
export function History({ steps }: { steps: Step[] }) {
  const older = steps.slice(SHOWN);
  return (
    <div className={styles.history}>
      <h3>History</h3>
      {steps.length === 0 && <p className={styles.soft}>Nothing was moved yet.</p>}
      <Line steps={steps.slice(0, SHOWN)} />
      {older.length > 0 && (
        <details>
          <summary>{older.length} earlier</summary>
          <Line steps={older} />
        </details>
      )}
    </div>
  );
}

function Line({ steps }: { steps: Step[] }) {
  return (
    <ol>
      {steps.map((step) => (
        <li key={step.at + step.reason} data-phase={step.phase}>
          <time dateTime={step.at}>{clock(step.at)}</time>
          <strong>{LABELS[step.phase]}</strong>
          <span>{step.reason}</span>
          <span className={styles.soft}>by {step.by}</span>
        </li>
      ))}
    </ol>
  );
}
