import { createHash } from 'node:crypto';
import { DomainError } from '@atrium/service-kit';
import type { AttemptCounter } from './attempt.counter.ts';
import { networkOf, type Client } from './client.ts';

/** Limits guesses of passwords. */
export interface AttemptLimits {
  /**
   * Carries out one sign-in. It counts before it begins, so that many at once are limited too; a success wipes the
   * account's count, and only wrong credentials (401) stay counted. Networks from which somebody has signed in to the
   * account before are counted by themselves, so that who guesses from elsewhere does not keep them out.
   * @throws DomainError 429 `auth.too_many_attempts`
   */
  attempt<Result>(email: string, client: Pick<Client, 'ip'>, work: () => Promise<Result>): Promise<Result>;
}

/** Milliseconds that a network stays familiar to an account after a sign-in. */
const FAMILIAR_MS = 90 * 86_400_000;

/** Hashed, so that no addresses of people lie about in Redis; unknown ones count like known ones. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const createAttemptLimits = (options: {
  counter: AttemptCounter;
  perAccount: number;
  perAddress: number;
  windowMs: number;
}): AttemptLimits => {
  const { counter, windowMs } = options;
  const take = async (key: string, limit: number): Promise<void> => {
    const { count, resetMs } = await counter.take(key, windowMs);
    if (count <= limit) return;
    const seconds = Math.max(1, Math.ceil(resetMs / 1000));
    throw new DomainError('auth.too_many_attempts', 429, `Too many failed sign-ins. Try again in ${seconds} s.`, {
      headers: { 'retry-after': String(seconds) },
    });
  };
  return {
    async attempt(email, { ip }, work) {
      const address = `address:${networkOf(ip)}`;
      const familiar = `familiar:${digest(`${email}\n${networkOf(ip)}`)}`;
      await take(address, options.perAddress);
      const account = ip !== null && (await counter.knows(familiar)) ? `at-${familiar}` : `account:${digest(email)}`;
      await take(account, options.perAccount);
      try {
        const result = await work();
        await Promise.all([counter.clear(account), counter.giveBack(address), counter.remember(familiar, FAMILIAR_MS)]);
        return result;
      } catch (error) {
        const wrong = error instanceof DomainError && error.status === 401;
        if (!wrong) await Promise.all([counter.giveBack(account), counter.giveBack(address)]);
        throw error;
      }
    },
  };
};
