import { createHash } from 'node:crypto';
import { DomainError, type Client } from '@atrium/service-kit';
import type { AttemptCounter } from './attempt.counter.ts';
import { networkOf } from './network.ts';
import type { KnownPlace } from './known.place.ts';

/** Limits guesses of passwords. */
export interface AttemptLimits {
  /**
   * Carries out one sign-in. It counts before it begins, so that many at once are limited too; a success wipes the
   * account's count, and only wrong credentials (401) stay counted.
   * @param device that the account was signed in to on before, as its token says; it has attempts of its own
   * @throws DomainError 429 `auth.too_many_attempts`
   */
  attempt<Result>(
    email: string,
    client: Pick<Client, 'ip'>,
    work: () => Promise<Result>,
    device?: string,
  ): Promise<Result>;
}

export const createAttemptLimits = (options: {
  counter: AttemptCounter;
  perAccount: number;
  perAddress: number;
  windowMs: number;
  /** Where an account's person has been before, guesses from elsewhere do not lock them out; nor on a known device. */
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
    async attempt(email, { ip }, work, device) {
      // Hashed, so that no addresses of people lie about in Redis; unknown ones count like known ones.
      const account = `account:${createHash('sha256').update(email).digest('base64url')}`;
      const address = `address:${networkOf(ip)}`;
      await take(address, options.perAddress);
      const place = device === undefined ? `place:${account}:${networkOf(ip)}` : `device:${account}:${device}`;
      const here = await counter.take(place, windowMs);
      const crowded = await take(account, options.perAccount).then(
        () => false,
        async (refusal: unknown) => {
          const mayTry = here.count <= options.perAccount;
          const known = mayTry && (device !== undefined || (ip !== null && (await options.isKnown?.(email, ip))));
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
