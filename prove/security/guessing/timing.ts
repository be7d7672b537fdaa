/** Standard deviation of the area below when two groups of this size do not differ at all. */
export const chanceOf = (size: number): number => Math.sqrt((2 * size + 1) / (12 * size * size));

/**
 * How well a threshold on time tells two groups apart, as the area under the curve of its hits and false alarms:
 * 0.5 not at all, 1 always. It is the share of pairs that are in order (Mann-Whitney), whichever order that is.
 */
export const areaUnderCurve = (one: readonly number[], other: readonly number[]): number => {
  let ordered = 0;
  for (const a of one) for (const b of other) ordered += a > b ? 1 : a === b ? 0.5 : 0;
  const area = ordered / (one.length * other.length);
  return Math.max(area, 1 - area);
};
