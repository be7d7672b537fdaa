/** Allows retries as a share of the work that is done, so that they cannot multiply the load on what is failing. */
export interface RetryBudget {
  /** Notes a first try, which earns a share of a retry. */
  earn(): void;
  /** @returns whether one more try may be made; it is paid for then */
  spend(): boolean;
}

/**
 * @param share retries for each first try; 0.1 is one in ten
 * @param reserve retries that are allowed before any were earned, and the most that can be saved up
 */
export const createRetryBudget = ({ share = 0.1, reserve = 10 } = {}): RetryBudget => {
  let saved = reserve;
  return {
    earn: () => void (saved = Math.min(reserve, saved + share)),
    spend() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
};
