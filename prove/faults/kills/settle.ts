import { randomUUID } from 'node:crypto';
import type { Random } from '../../harness/random.ts';
import type { Answer } from '../../platform/http.ts';
import type { ClientLog } from '../client.log.ts';
import { settle } from '../keyed.client.ts';

/** Sends until somebody says what became of it, each time under the same key. */
export type Settle = (kind: string, send: (key: string) => Promise<Answer>) => Promise<Answer | undefined>;

const WITHIN_MS = 5 * 60_000;

export interface Settling {
  readonly settle: Settle;
  /** Requests that were settled. */
  readonly done: number;
  readonly tries: number;
  /** Tries whose outcome nobody knew, and which were sent again. */
  readonly unknown: number;
}

/** Counts what is settled. @param log what clients know, on disk before each try */
export const createSettling = (log: ClientLog, random: Random): Settling => {
  const seen = { done: 0, tries: 0, unknown: 0 };
  return {
    get done() {
      return seen.done;
    },
    get tries() {
      return seen.tries;
    },
    get unknown() {
      return seen.unknown;
    },
    async settle(kind, send) {
      const outcome = await settle({ key: randomUUID(), kind, send }, { log, random, withinMs: WITHIN_MS });
      seen.done += 1;
      seen.tries += outcome.tries;
      seen.unknown += outcome.unknown;
      return outcome.answer;
    },
  };
};
