import type { Slot, Stream } from "@/lib/ops/figures";
import { bytes, count, duration, tone } from "@/lib/ops/show";

import styles from "./ops.module.css";

const FRESHNESS_S = { warn: 1, bad: 5 };
const LAG_RECORDS = { warn: 1_000, bad: 10_000 };

/** The two serving processes and the stream. */
export function Processes({ slots, stream }: { slots: Slot[]; stream: Stream }) {
  return (
    <div className={styles.columns}>
      <section aria-labelledby="slots">
        <h2 id="slots">Slots</h2>
        <dl>
          {slots.map((slot) => (
            <div key={slot.slot} data-tone={slot.up === null ? "none" : slot.up ? "good" : "bad"}>
              <dt>
                <span className={styles.slot} data-slot={slot.slot}>
                  {slot.slot}
                </span>
              </dt>
              <dd>{slot.up === null ? "not known" : slot.up ? `up, ${bytes(slot.memory_bytes)}` : "down"}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="stream">
        <h2 id="stream">Stream</h2>
        <dl>
          <div data-tone={tone(stream.freshness_p95_s, FRESHNESS_S.warn, FRESHNESS_S.bad)}>
            <dt>Event to features, p50 and p95</dt>
            <dd>
              {duration(stream.freshness_p50_s)} · {duration(stream.freshness_p95_s)}
            </dd>
          </div>
          {Object.entries(stream.lag_records).map(([group, lag]) => (
            <div key={group} data-tone={tone(lag, LAG_RECORDS.warn, LAG_RECORDS.bad)}>
              <dt>{group} behind by</dt>
              <dd>{count(lag)} records</dd>
            </div>
          ))}
          {stream.services_down.length > 0 && (
            <div data-tone="bad">
              <dt>Not answering</dt>
              <dd>{stream.services_down.join(", ")}</dd>
            </div>
          )}
        </dl>
      </section>
    </div>
  );
}
