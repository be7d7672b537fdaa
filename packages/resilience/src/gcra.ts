/** An even rate with a burst: the generic cell rate algorithm (ITU-T I.371), as a bucket that fills up evenly. */
export interface Rate {
  /** Points that are there after a pause; all may be taken at once. */
  readonly burst: number;
  /** Milliseconds until one more point is there. */
  readonly everyMs: number;
}

/** What came of asking for points. */
export interface RateState {
  readonly granted: number;
  /** Points that are left. */
  readonly left: number;
  /** Until one point is there; 0 when there is one. */
  readonly waitMs: number;
  /** Until all points are there again. */
  readonly fullInMs: number;
  /** When all points will be there; what is to be remembered of the key, and nothing once it is past. */
  readonly fullAt: number;
}

/**
 * Takes as many of the points that were asked for as there are.
 * @param fullAt what was remembered; 0 when nothing was
 */
export const takePoints = (rate: Rate, fullAt: number, wanted: number, now: number): RateState => {
  const start = Math.max(now, fullAt);
  const there = Math.floor((rate.burst * rate.everyMs - (start - now)) / rate.everyMs + 1e-9);
  const granted = Math.max(0, Math.min(wanted, there));
  const end = start + granted * rate.everyMs;
  const left = Math.max(0, there - granted);
  const waitMs = left > 0 ? 0 : Math.max(0, end - now - (rate.burst - 1) * rate.everyMs);
  return { granted, left, waitMs, fullInMs: end - now, fullAt: end };
};
