"use client";

import { useState } from "react";

import type { Tenant } from "@/lib/ops/figures";
import { type Move, NAMES, OF_RELEASE, refusal } from "@/lib/ops/moves";
import { MoveDialog } from "./MoveDialog";
import styles from "./release.module.css";

/** The buttons. One that the record does not allow can still be reached, and says why. */
export function Moves({ tenant }: { tenant: Tenant }) {
  const [asking, setAsking] = useState<Move | null>(null);
  const [note, setNote] = useState("");
  function press(move: Move): void {
    const reason = refusal(tenant, move);
    setNote(reason === null ? "" : `${NAMES[move]}: ${reason}.`);
    if (reason === null) setAsking(move);
  }
  function close(done?: string): void {
    setAsking(null);
    setNote(done ?? "");
  }
  return (
    <div className={styles.moves}>
      <fieldset aria-label={`Moves of ${tenant.tenant}'s release`}>
        {OF_RELEASE.map((move) => {
          const reason = refusal(tenant, move);
          return (
            <button
              key={move}
              type="button"
              aria-disabled={reason !== null}
              aria-description={reason ?? undefined}
              title={reason ?? undefined}
              data-move={move}
              onClick={() => press(move)}
            >
              {NAMES[move]}
            </button>
          );
        })}
      </fieldset>
      <p role="status" className={styles.note}>
        {note}
      </p>
      {asking && <MoveDialog key={asking} tenant={tenant} move={asking} close={close} />}
    </div>
  );
}
