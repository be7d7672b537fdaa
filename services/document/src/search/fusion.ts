/** One result in the order an index gave it; the best comes first. */
export interface Fused {
  id: string;
  /** Sum of weight / (k + rank) over the lists it is in, rank from 1. */
  score: number;
}

export interface FusionOptions {
  /** Damps the lead of the first ranks; 60 in the paper. */
  k?: number;
  /** Weight of each list, in the order of the lists; 1 when absent. */
  weights?: number[];
}

/**
 * Joins ranked lists of ids into one by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), which needs
 * no common scale of scores. Equal scores keep the order of first appearance.
 */
export const fuseRanks = (
  lists: readonly (readonly string[])[],
  { k = 60, weights = [] }: FusionOptions = {},
): Fused[] => {
  const scores = new Map<string, number>();
  for (const [at, list] of lists.entries()) {
    const weight = weights[at] ?? 1;
    for (const [index, id] of [...new Set(list)].entries())
      scores.set(id, (scores.get(id) ?? 0) + weight / (k + index + 1));
  }
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
};
