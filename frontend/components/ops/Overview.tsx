import type { Figures } from "@/lib/ops/figures";
import { overall } from "@/lib/ops/verdict";

import styles from "./overview.module.css";

/** The verdict line, and below it each thing that needs somebody. */
export function Overview({ figures }: { figures: Figures }) {
  const { weight, headline, concerns } = overall(figures);
  return (
    <section className={styles.overview} data-tone={weight} aria-labelledby="verdict">
      {/* Read out only when it changes. */}
      <div role="status">
        <h2 id="verdict">{headline}</h2>
      </div>
      {concerns.length > 0 && (
        <ul>
          {concerns.map(({ weight, about, told, link }) => (
            <li key={about + told} data-tone={weight}>
              <span>
                <strong>{about}</strong> {told}
              </span>
              {link && (
                <a href={link.href} aria-label={`${link.text}: ${about}`}>
                  {link.text}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
