import { createHash, randomBytes } from 'node:crypto';
import type { OnceStore } from '../once/once.store.ts';
import { challengeUnknown } from './passkey.errors.ts';

/** Milliseconds in which a challenge is to be answered. */
export const CHALLENGE_MS = 5 * 60_000;

/** What a challenge is for; an answer to one is none to another. */
export type Purpose = 'register' | 'sign-in' | 'second-factor' | 'reauthenticate';

/** Challenges of five minutes that are good for one answer, by the one they were given to. */
export const createPasskeyChallenges = (once: OnceStore) => {
  const kindOf = (purpose: Purpose): string => `passkey-${purpose}`;
  const keyOf = (holder: string, challenge: string): string =>
    createHash('sha256').update(`${holder}\n${challenge}`).digest('base64url');
  return {
    /** @param holder who may answer; everybody when empty @returns 32 random bytes as base64url */
    async issue(purpose: Purpose, holder: string): Promise<string> {
      const challenge = randomBytes(32).toString('base64url');
      await once.put(kindOf(purpose), keyOf(holder, challenge), true, CHALLENGE_MS);
      return challenge;
    },
    /** Right or wrong, an answer uses it up. @throws DomainError 400 `passkey.challenge_unknown` */
    async spend(purpose: Purpose, holder: string, challenge: string): Promise<void> {
      if ((await once.take(kindOf(purpose), keyOf(holder, challenge))) !== true) throw challengeUnknown(purpose);
    },
  };
};
export type PasskeyChallenges = ReturnType<typeof createPasskeyChallenges>;
