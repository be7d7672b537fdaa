import { createRetryBudget } from '@atrium/resilience';
import { unavailable } from '@atrium/service-kit';

/** A request that follows its own failure sooner than this is a retry without a pause; ms. */
const SOON_MS = 1_000;
const KEYS = 10_000;

/** Lets through only a share of the requests that follow their own failure at once. */
export interface RetryGate {
  /**
   * @param key what is asked for, and by whom
   * @throws DomainError 503 `request.retried_too_soon`
   */
  enter(key: string): void;
  /** It was not answered in the time the client had, or with a failure of ours. */
  failed(key: string): void;
}

/**
 * Clients that repeat what failed, without a pause, multiply the load on what is already too slow, and so keep it slow.
 * One in ten of all requests may be such a retry; the others are told to wait, and then let in as any request.
 */
export const createRetryGate = (now: () => number): RetryGate => {
  const budget = createRetryBudget({ share: 0.1, reserve: 5 });
  const failures = new Map<string, number>();
  return {
    enter(key) {
      const failedAt = failures.get(key);
      if (failedAt === undefined || now() - failedAt > SOON_MS) return budget.earn();
      if (budget.spend()) return;
      throw unavailable('request.retried_too_soon', 'This failed a moment ago. Wait a second before you try it again.');
    },
    failed(key) {
      failures.delete(key);
      if (failures.size >= KEYS) failures.delete(failures.keys().next().value ?? '');
      failures.set(key, now());
    },
  };
};
