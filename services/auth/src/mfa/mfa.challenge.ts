import { createHash, randomBytes } from 'node:crypto';
import { outsideWorkspaces, unauthenticated, type Transactional, type Client } from '@atrium/service-kit';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import type { FirstStep } from '../accounts/first.step.ts';
import type { AttemptCounter } from '../attempts/attempt.counter.ts';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { OnceStore } from '../once/once.store.ts';
import { wrongCode, type FactorProof, type MfaService } from './mfa.service.ts';

export const MFA_TOKEN_MS = 5 * 60_000;
/** Codes that are tried with one token; then the sign-in begins again. */
const TRIES = 5;
const Held = z.object({ userId: z.uuid(), passwordMark: z.string(), begunAt: z.coerce.date() });

/** A sign-in that waits for its second step, and what it stands on. */
export type Begun = Required<FirstStep> & { readonly userId: string };

export const mfaTokenUnknown = () =>
  unauthenticated(
    'auth.mfa_token_unknown',
    'The sign-in took too long, was finished, or is no longer good. Begin again.',
  );

/** Redis knows the token by its hash only. */
const nameOf = (mfaToken: string): string => createHash('sha256').update(mfaToken).digest('base64url');

/** The step between a right password and a session, for those with a second factor. */
export const createMfaChallenge = (parts: {
  mfa: Transactional<MfaService>;
  accounts: Transactional<AccountService>;
  limits: AttemptLimits;
  counter: AttemptCounter;
  once: OnceStore;
}) => {
  const { mfa, accounts, limits, counter, once } = parts;
  const peek = async (mfaToken: string): Promise<Begun> => {
    const held = Held.safeParse(await once.peek('mfa', nameOf(mfaToken)));
    if (!held.success) throw mfaTokenUnknown();
    return held.data;
  };
  const take = (mfaToken: string): Promise<unknown> => once.take('mfa', nameOf(mfaToken));
  /** Before a code is looked at, so that none is spent on a sign-in that leads nowhere. */
  const requireStanding = async (mfaToken: string, { userId, ...first }: Begun): Promise<void> => {
    const { count } = await counter.take(`mfa-token:${nameOf(mfaToken)}`, MFA_TOKEN_MS);
    const stands = () => accounts.read(outsideWorkspaces(userId), (service) => service.isStanding(userId, first));
    if (count <= TRIES && (await stands())) return;
    await take(mfaToken);
    throw mfaTokenUnknown();
  };
  const checked = (userId: string, client: Pick<Client, 'ip'>, check: (userId: string) => Promise<boolean>) =>
    limits.attempt(`mfa:${userId}`, client, async () => {
      if (!(await check(userId))) throw wrongCode();
    });
  const checkProof = (userId: string, proof: FactorProof) =>
    mfa.prepare(outsideWorkspaces(userId), (service) => service.check(userId, proof));

  return {
    holderOf: async (mfaToken: string): Promise<string> => (await peek(mfaToken)).userId,
    /**
     * @param known what the sign-in stands on, when it began by password; else the state of this moment
     * @returns a token for the second step, or nothing when the user has no second factor
     */
    async begin(userId: string, known?: Required<FirstStep>): Promise<string | undefined> {
      if (!(await mfa.read(outsideWorkspaces(userId), (service) => service.isEnabled(userId)))) return undefined;
      const mfaToken = randomBytes(32).toString('base64url');
      const first = known ?? (await accounts.read(outsideWorkspaces(userId), (service) => service.firstStepOf(userId)));
      if (!first) throw unauthenticated();
      await once.put('mfa', nameOf(mfaToken), { userId, ...first }, MFA_TOKEN_MS);
      return mfaToken;
    },

    /**
     * Ends the second step; a wrong code leaves the token for a few more tries, within the limits of attempts.
     * @returns whose sign-in it was, and what it stands on until its session begins
     * @throws DomainError 401 `auth.mfa_token_unknown`, `auth.mfa_code_wrong`, 429
     */
    async finish(mfaToken: string, client: Client, check: (userId: string) => Promise<boolean>): Promise<Begun> {
      const begun = await peek(mfaToken);
      await requireStanding(mfaToken, begun);
      await checked(begun.userId, client, check);
      if ((await take(mfaToken)) === undefined) throw mfaTokenUnknown();
      return begun;
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
  Object.assign(
    unauthenticated('auth.mfa_required', 'Send a code to /auth/mfa/verify, or use a passkey at /auth/passkeys/mfa.'),
    { extra: { mfaToken, expiresIn: MFA_TOKEN_MS / 1000 } },
  );
type DomainErrorLike = ReturnType<typeof unauthenticated>;
