import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface Properties {
  children: ReactNode;
  action?: { label: string; onClick: () => void };
  /** Nothing is wrong: it only says how things are. */
  quiet?: boolean;
}

/** Something to know, said calmly. */
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
