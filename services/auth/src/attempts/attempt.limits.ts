import { createHash } from 'node:crypto';
import { DomainError } from '@atrium/service-kit';
import type { AttemptCounter } from './attempt.counter.ts';
import { networkOf, type Client } from './client.ts';
import type { KnownPlace } from './known.place.ts';

/** Limits guesses of passwords. */
export interface AttemptLimits {
  /**
   * Carries out one sign-in. It counts before it begins, so that many at once are limited too; a success wipes the
   * account's count, and only wrong credentials (401) stay counted.
   * @throws DomainError 429 `auth.too_many_attempts`
   */
  attempt<Result>(email: string, client: Pick<Client, 'ip'>, work: () => Promise<Result>): Promise<Result>;
}

export const createAttemptLimits = (options: {
  counter: AttemptCounter;
  perAccount: number;
  perAddress: number;
  windowMs: number;
  /** Where an account's person has been before, guesses from elsewhere do not lock them out. */
  isKnown?: KnownPlace;
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
      // Hashed, so that no addresses of people lie about in Redis; unknown ones count like known ones.
      const account = `account:${createHash('sha256').update(email).digest('base64url')}`;
      const address = `address:${networkOf(ip)}`;
      await take(address, options.perAddress);
      const place = `place:${account}:${networkOf(ip)}`;
      const here = await counter.take(place, windowMs);
      const crowded = await take(account, options.perAccount).then(
        () => false,
        async (refusal: unknown) => {
          const known = here.count <= options.perAccount && ip !== null && (await options.isKnown?.(email, ip));
          if (!known) throw refusal;
          return true;
        },
      );
      try {
        const result = await work();
        await Promise.all([counter.clear(place), counter.giveBack(address)]);
        // Those who guess from elsewhere are given no new tries by it.
        if (!crowded) await counter.clear(account);
        return result;
      } catch (error) {
        const wrong = error instanceof DomainError && error.status === 401;
        if (!wrong) await Promise.all([account, place, address].map((key) => counter.giveBack(key)));
        throw error;
      }
    },
  };
};
