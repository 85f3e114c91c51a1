/** Formats figures for operators: short, aligned, and a dash where nothing was measured. */

export const NOTHING = "–";

type Maybe = number | null | undefined;

function missing(value: Maybe): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** Seconds as milliseconds or seconds, three digits at most. */
export function duration(seconds: Maybe): string {
  if (missing(seconds)) return NOTHING;
  if (seconds >= 120) return age(seconds);
  if (seconds >= 1) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const ms = seconds * 1000;
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** A ratio as a percentage; a small ratio above zero is never shown as 0. */
export function percent(ratio: Maybe): string {
  if (missing(ratio)) return NOTHING;
  const value = ratio * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value < 100 && value > 99.9) return "> 99.9 %";
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}

/** Answers per second. */
export function rate(perSecond: Maybe): string {
  if (missing(perSecond)) return NOTHING;
  if (perSecond > 0 && perSecond < 0.1) return "< 0.1";
  return perSecond.toFixed(perSecond < 10 ? 1 : 0);
}

/** Bytes of a process. */
export function bytes(value: Maybe): string {
  if (missing(value)) return NOTHING;
  return value >= 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${Math.round(value / 1e6)} MB`;
}

/** A count with thin spaces between groups of digits. */
export function count(value: Maybe): string {
  return missing(value) ? NOTHING : Math.round(value).toLocaleString("en");
}

/** The age, in the largest unit that is precise enough. */
export function age(seconds: Maybe): string {
  if (missing(seconds)) return NOTHING;
  const units: [number, string][] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const [size, name] = units.find(([size]) => seconds >= 2 * size) ?? [1, "s"];
  return `${Math.max(0, Math.floor(seconds / size))} ${name}`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** An instant of the record, in the reader's time zone. */
export function clock(instant: string): string {
  return CLOCK.format(new Date(instant));
}

/** Severity for colours; without a measurement it is neither good nor bad. */
export type Tone = "none" | "good" | "warn" | "bad";

export function tone(value: Maybe, warn: number, bad: number): Tone {
  if (missing(value)) return "none";
  if (value >= bad) return "bad";
  return value >= warn ? "warn" : "good";
}
