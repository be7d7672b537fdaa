import { faultOf, figureOf, ratioOf, type Round } from './rounds.ts';
import type { Comparison } from './scenario.ts';

/** Sums up a side that ours was measured against. A side with a fault gets no score, and neither does a ratio to it. */
export const comparison = (rounds: readonly Round[], side: string, name: string, goal: number | null): Comparison => {
  const fault = faultOf(rounds, side);
  if (fault !== undefined) return { name, figure: null, ratio: null, ci: null, goal, note: fault };
  const figure = figureOf(rounds, side) ?? null;
  if (faultOf(rounds, 'ours') !== undefined) return { name, figure, ratio: null, ci: null, goal };
  return { name, figure, ...ratioOf(rounds, side), goal };
};

/** A side that could not be had here; its goal then counts as missed. */
export const unavailable = (name: string, goal: number | null, note: string): Comparison => ({
  name: `${name} (unavailable)`,
  figure: null,
  ratio: null,
  ci: null,
  goal,
  note,
});
