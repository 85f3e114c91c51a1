import styles from "./CardGhost.module.css";

/** Keeps the space of a card that is loading, so that nothing moves when it comes. */
export function CardGhost({ reason = false }: { reason?: boolean }) {
  return (
    <div className={styles.ghost} aria-hidden="true">
      <div className={styles.picture} />
      <div className={styles.words} />
      {reason && <div className={styles.reason} />}
    </div>
  );
}
