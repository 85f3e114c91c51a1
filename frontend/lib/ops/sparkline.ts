/** Small lines over time, as paths of an SVG; a gap where nothing was measured. */

export type Points = readonly (number | null)[];

/** The path of the points in a box; a single known point between gaps becomes a short dash. */
export function pathOf(points: Points, width: number, height: number, top: number): string {
  const stepX = width / Math.max(1, points.length - 1);
  const at = (value: number, index: number) =>
    `${(index * stepX).toFixed(1)} ${(height * (1 - Math.min(1, Math.max(0, value / (top || 1))))).toFixed(1)}`;
  const parts: string[] = [];
  points.forEach((value, index) => {
    if (value === null) return;
    const before = index > 0 ? points[index - 1] : null;
    const after = points[index + 1] ?? null;
    if (before !== null && before !== undefined) parts.push(`L${at(value, index)}`);
    else parts.push(after === null ? `M${at(value, index)}h1` : `M${at(value, index)}`);
  });
  return parts.join("");
}

/** A round number that no point is above: 1, 2 or 5 times a power of ten; `atMost` where more makes no sense. */
export function topOf(lines: readonly Points[], atMost = Number.POSITIVE_INFINITY): number {
  const highest = Math.max(0, ...lines.flatMap((points) => points.filter((value) => value !== null)));
  if (highest === 0) return Math.min(1, atMost);
  const size = 10 ** Math.floor(Math.log10(highest));
  const round = [1, 2, 5, 10].map((factor) => factor * size).find((top) => top >= highest) ?? highest;
  return Math.min(round, Math.max(highest, atMost));
}

export function lastOf(points: Points): number | null {
  return points.findLast((value) => value !== null) ?? null;
}
