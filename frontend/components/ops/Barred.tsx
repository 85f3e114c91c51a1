"use client";

import { useState } from "react";

import type { Bar, Tenant } from "@/lib/ops/figures";
import { clock } from "@/lib/ops/show";
import { MoveDialog } from "./MoveDialog";
import styles from "./release.module.css";

/** Versions that failed. Each can be started again after somebody lifts its bar. */
export function Barred({ tenant }: { tenant: Tenant }) {
  const [lifting, setLifting] = useState<Bar | null>(null);
  return (
    <div>
      <h3>Barred versions</h3>
      {tenant.barred.length === 0 ? (
        <p className={styles.soft}>None.</p>
      ) : (
        <ul className={styles.versions}>
          {tenant.barred.map((bar) => (
            <li key={bar.version}>
              <span>
                <strong>{bar.model_version}</strong> <code>{bar.version}</code>{" "}
                <span className={styles.soft}>
                  since {clock(bar.at)}: {bar.reason}
                </span>
              </span>
              <button type="button" onClick={() => setLifting(bar)} aria-label={`Lift the bar of ${bar.model_version}`}>
                Lift
              </button>
            </li>
          ))}
        </ul>
      )}
      {lifting && (
        <MoveDialog tenant={tenant} move="lift" modelVersion={lifting.model_version} close={() => setLifting(null)} />
      )}
    </div>
  );
}
