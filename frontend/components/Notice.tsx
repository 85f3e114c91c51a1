import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface Properties {
  children: ReactNode;
  action?: { label: string; onClick: () => void };
  /** For information only: nothing is wrong. */
  quiet?: boolean;
}

/** A notice to the shopper, with an action if there is one. */
export function Notice({ children, action, quiet = false }: Properties) {
  return (
    <div className={quiet ? styles.quiet : styles.notice} role="status">
      <p>{children}</p>
      {action && (
        <button type="button" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}
