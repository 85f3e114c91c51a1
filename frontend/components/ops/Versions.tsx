import type { Placement } from "@/lib/ops/figures";

import styles from "./release.module.css";

/** The tenant's versions with what training measured of each. */
export function Versions({ slots }: { slots: Placement[] }) {
  const held = slots.filter((slot) => slot.version !== null);
  return (
    <div>
      <h3>Quality of the versions</h3>
      <ul className={styles.versions}>
        {held.map(({ slot, role, model_version, version, quality }) => (
          <li key={slot}>
            <span>
              <strong>{model_version}</strong> <code>{version}</code> <span className={styles.soft}>{role}</span>
            </span>
            {quality ? (
              <span title="by training, before the release">
                {quality.metric.replace("ndcg", "nDCG")} {quality.value.toFixed(3)}
                {quality.low !== null && quality.high !== null && (
                  <span className={styles.soft}>
                    {" "}
                    [{quality.low.toFixed(3)}, {quality.high.toFixed(3)}]
                  </span>
                )}
              </span>
            ) : (
              <span className={styles.soft}>not measured</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
