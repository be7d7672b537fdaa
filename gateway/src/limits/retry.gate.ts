import { createRetryBudget } from '@atrium/resilience';
import { unavailable } from '@atrium/service-kit';

/** A request that follows its own failure sooner than this is a retry without a pause; ms. */
const SOON_MS = 1_000;
/** Whoever leaves sooner did not lose patience: a page was left, or a search was typed on. */
const PATIENCE_MS = 500;
const KEYS = 10_000;

/** What became of a request: it was answered, it failed for a reason of ours, or its client did not wait for it. */
export type Ending = 'answered' | 'failed' | 'left';

/** Lets through only a share of the requests that follow their own failure at once. */
export interface RetryGate {
  /**
   * @param key what is asked for, and by whom
   * @returns to be told how it ended
   * @throws DomainError 503 `request.retried_too_soon`
   */
  enter(key: string): (ending: Ending) => void;
}

/**
 * Clients that repeat what failed, without a pause, multiply the load on what is already too slow, and so keep it slow.
 * One in ten of all requests may be such a retry; the others are told to wait, and then let in as any request.
 */
export const createRetryGate = (now: () => number): RetryGate => {
  const budget = createRetryBudget({ share: 0.1, reserve: 5 });
  const failures = new Map<string, number>();
  const note = (key: string): void => {
    failures.delete(key);
    if (failures.size >= KEYS) failures.delete(failures.keys().next().value ?? '');
    failures.set(key, now());
  };
  return {
    enter(key) {
      const began = now();
      const failedAt = failures.get(key);
      if (failedAt === undefined || began - failedAt > SOON_MS) budget.earn();
      else if (!budget.spend())
        throw unavailable(
          'request.retried_too_soon',
          'This failed a moment ago. Wait a second before you try it again.',
        );
      return (ending) => {
        if (ending === 'answered') failures.delete(key);
        else if (ending === 'failed' || now() - began >= PATIENCE_MS) note(key);
      };
    },
  };
};
