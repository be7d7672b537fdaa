import { setTimeout as sleep } from 'node:timers/promises';
import { createRetryBudget } from '@atrium/resilience';
import { isConnectionLost } from './connection.lost.ts';

/**
 * Postgres gave up on the whole transaction and nothing was written: serialization failure, deadlock, or a statement
 * that was prepared before a migration changed its table.
 */
const isRolledBack = (error: unknown): boolean => {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const outdated = error.code === '0A000' && error.message.includes('cached plan');
  return outdated || error.code === '40001' || error.code === '40P01';
};

/** Connections that are lost all at once are all tried again; a database in lasting trouble is not asked more for it. */
const budget = createRetryBudget({ share: 0.1, reserve: 100 });

const TRIES = 3;
const PAUSE_MS = 20;

/**
 * Tries a transaction again that the database gave up on; three times at most. Whether it was committed is unknown when
 * the connection is lost: then only what is repeatable is tried again, after a pause that differs from one to the next,
 * so that what fell together does not come back together.
 * @param repeatable doing it twice comes to the same, because it reads only or finds what was done by its key
 */
export const retryTransaction = async <Result>(work: () => Promise<Result>, repeatable = false): Promise<Result> => {
  budget.earn();
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const lost = repeatable && isConnectionLost(error);
      // What was rolled back needs no budget: somebody else got on by it.
      if (tries === TRIES || !(isRolledBack(error) || (lost && budget.spend()))) throw error;
      if (lost) await sleep(PAUSE_MS * tries * (0.5 + Math.random()));
    }
  }
};
