import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface Properties {
  children: ReactNode;
  action?: { label: string; onClick: () => void };
}

/** Something to know, said calmly. */
export function Notice({ children, action }: Properties) {
  return (
    <div className={styles.notice} role="status">
      <p>{children}</p>
      {action && (
        <button type="button" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}
