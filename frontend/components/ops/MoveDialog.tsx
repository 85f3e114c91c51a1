"use client";

import { type FormEvent, useEffect, useId, useRef, useState } from "react";

import type { Tenant } from "@/lib/ops/figures";
import { effect, type Move, make, NAMES, refusal } from "@/lib/ops/moves";

import styles from "./dialog.module.css";

const NAME_KEY = "recommndr.operator";

interface Props {
  tenant: Tenant;
  move: Move;
  /** Of the version whose bar goes. */
  modelVersion?: number;
  /** With what was done; without, nothing was. */
  close: (done?: string) => void;
}

/** Asks who moves the release and why, says what will happen, and what the server answers when it refuses. */
export function MoveDialog({ tenant, move, modelVersion, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const [isSent, setSent] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const reason = refusal(tenant, move); // another operator, or a rule, may have been faster
  const what = modelVersion === undefined ? NAMES[move] : `${NAMES[move]} of version ${modelVersion}`;

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const told = new FormData(event.currentTarget);
    const text = (name: string) => String(told.get(name) ?? "").trim();
    const version = modelVersion ?? (move === "start" ? Number(text("model_version")) : null);
    setSent(true);
    try {
      localStorage.setItem(NAME_KEY, text("by"));
      await make(tenant.tenant, move, {
        reason: text("reason"),
        by: text("by"),
        model_version: version,
        bundle_version: text("bundle_version"),
      });
      close(`${what}: done. The figures follow in a moment.`);
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause));
      setSent(false);
    }
  }

  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={title} onClose={() => close()}>
      <form onSubmit={(event) => void send(event)}>
        <h2 id={title}>
          {what}: {tenant.tenant}
        </h2>
        <p>{effect(tenant, move)}</p>
        {move === "start" && <VersionFields />}
        <label>
          Why
          <textarea name="reason" required maxLength={500} rows={2} />
        </label>
        <label>
          Your name, for the audit log
          <input name="by" required maxLength={100} defaultValue={localStorage.getItem(NAME_KEY) ?? ""} />
        </label>
        <p role="alert" className={styles.refused}>
          {problem ?? (reason && `No longer possible: ${reason}.`)}
        </p>
        <div className={styles.choice}>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" data-move={move} disabled={isSent || reason !== null}>
            {isSent ? "Asking …" : what}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function VersionFields() {
  return (
    <>
      <label>
        Model version, as <code>recommndr register</code> printed it
        <input name="model_version" type="number" min={1} step={1} required inputMode="numeric" />
      </label>
      <label>
        Bundle version
        <input name="bundle_version" required maxLength={64} pattern="[A-Za-z0-9_\-]+" autoComplete="off" />
      </label>
    </>
  );
}
