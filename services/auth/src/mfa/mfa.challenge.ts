import { randomBytes } from 'node:crypto';
import { outsideWorkspaces, unauthenticated, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { Client } from '../attempts/client.ts';
import type { OnceStore } from '../once/once.store.ts';
import { wrongCode, type FactorProof, type MfaService } from './mfa.service.ts';

const TOKEN_MS = 5 * 60_000;
const Held = z.object({ userId: z.uuid() });

/** The step between a right password and a session, for those with a second factor. */
export const createMfaChallenge = (parts: {
  mfa: Transactional<MfaService>;
  limits: AttemptLimits;
  once: OnceStore;
}) => {
  const { mfa, limits, once } = parts;
  const ended = () =>
    unauthenticated('auth.mfa_token_unknown', 'The sign-in took too long, or was finished. Begin again.');
  const holderOf = async (mfaToken: string): Promise<string> => {
    const held = Held.safeParse(await once.peek('mfa', mfaToken));
    if (!held.success) throw ended();
    return held.data.userId;
  };
  const checked = (userId: string, client: Pick<Client, 'ip'>, check: (userId: string) => Promise<boolean>) =>
    limits.attempt(`mfa:${userId}`, client, async () => {
      if (!(await check(userId))) throw wrongCode();
    });
  const checkProof = (userId: string, proof: FactorProof) =>
    mfa.prepare(outsideWorkspaces(userId), (service) => service.check(userId, proof));

  return {
    holderOf,
    /** @returns a token for the second step, or nothing when the user has no second factor */
    async begin(userId: string): Promise<string | undefined> {
      if (!(await mfa.read(outsideWorkspaces(userId), (service) => service.isEnabled(userId)))) return undefined;
      const mfaToken = randomBytes(32).toString('base64url');
      await once.put('mfa', mfaToken, { userId }, TOKEN_MS);
      return mfaToken;
    },

    /**
     * Ends the second step; a wrong code leaves the token for another try, within the limits of attempts.
     * @returns the user @throws DomainError 401 `auth.mfa_token_unknown`, `auth.mfa_code_wrong`, 429
     */
    async finish(mfaToken: string, client: Client, check: (userId: string) => Promise<boolean>): Promise<string> {
      const userId = await holderOf(mfaToken);
      await checked(userId, client, check);
      if ((await once.take('mfa', mfaToken)) === undefined) throw ended();
      return userId;
    },
    checkProof,
    /** @throws DomainError 401 `auth.mfa_code_wrong`, 429 */
    prove: (userId: string, client: Client, proof: FactorProof) =>
      checked(userId, client, (id) => checkProof(id, proof)),
    attempt: checked,
  };
};
export type MfaChallenge = ReturnType<typeof createMfaChallenge>;

/** Says that the password was right and what is still asked. */
export const mfaRequired = (mfaToken: string): DomainErrorLike =>
  Object.assign(unauthenticated('auth.mfa_required', 'Send a code of your authenticator to /auth/mfa/verify.'), {
    extra: { mfaToken, expiresIn: TOKEN_MS / 1000 },
  });
type DomainErrorLike = ReturnType<typeof unauthenticated>;
