import {
  noteAudit,
  outsideWorkspaces,
  unauthenticated,
  type Logger,
  type Tenant,
  type Transactional,
  type Client,
} from '@atrium/service-kit';
import type { SignInService } from '../accounts/sign-in.service.ts';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { MfaChallenge } from '../mfa/mfa.challenge.ts';
import type { MfaService } from '../mfa/mfa.service.ts';
import type { UserStore } from '../users/user.store.ts';
import { userHandleOf, type NewCredential, type PasskeyCeremony } from './passkey.ceremony.ts';
import type { PasskeyChallenges, Purpose } from './passkey.challenges.ts';
import type { Passkey } from './passkey.entity.ts';
import { passkeyRefused } from './passkey.errors.ts';
import { viewPasskey, type Assertion, type Attestation } from './passkey.schema.ts';
import type { PasskeyService } from './passkey.service.ts';

/** What one transaction of this feature works with. */
export interface PasskeyUnit {
  readonly passkeys: PasskeyService;
  readonly mfa: MfaService;
  readonly users: Pick<UserStore, 'find'>;
}
/** Who is signed in and asks. */
export interface Person {
  readonly tenant: Tenant & { readonly userId: string };
  readonly sessionId: string | undefined;
}

/** Making and using passkeys. Answers are checked between transactions, and each challenge is spent before its answer is. */
export const createPasskeyFlow = (parts: {
  units: Transactional<PasskeyUnit>;
  ceremony: PasskeyCeremony;
  challenges: PasskeyChallenges;
  challenge: MfaChallenge;
  signIn: SignInService;
  limits: AttemptLimits;
  log: Logger;
}) => {
  const { units, ceremony, challenges, challenge: secondStep, signIn, limits, log } = parts;
  const holderOf = ({ tenant, sessionId }: Person): string => `${tenant.userId} ${sessionId ?? ''}`;
  const secondHolder = (userId: string, mfaToken: string): string => `${userId} ${mfaToken}`;
  const listOf = (userId: string): Promise<Passkey[]> =>
    units.read(outsideWorkspaces(userId), ({ passkeys }) => passkeys.list(userId));

  /**
   * @param userId whose passkey it must be; whoever it names when absent
   * @param workspaceId where they are, when they are signed in
   * @returns whose it is
   */
  const prove = async (
    asked: { purpose: Purpose; holder: string; userId?: string; workspaceId?: string },
    answer: Assertion,
    client: Client,
  ): Promise<string> => {
    const { purpose, holder, userId } = asked;
    ceremony.requireConfigured();
    // Whoever is signed in has a log already; a sign-in belongs to that of the person it aims at.
    const named = userId === undefined ? undefined : (asked.workspaceId ?? (await signIn.noteWhose(userId)));
    const challenge = await ceremony.challengeOf(purpose, answer);
    await challenges.spend(purpose, holder, challenge);
    const passkey = await units.read(outsideWorkspaces(), ({ passkeys }) => passkeys.findByCredential(answer.id));
    const workspaceId = userId === undefined ? await signIn.noteWhose(passkey?.userId) : named;
    if (!passkey || (userId !== undefined && passkey.userId !== userId)) throw passkeyRefused(purpose);
    noteAudit({ details: { passkeyId: passkey.id } });
    // A passkey that nobody was named for tells itself whose it is (WebAuthn Level 3 §7.2, step 6).
    const handle = answer.response.userHandle || (userId === undefined ? '' : userHandleOf(userId));
    if (handle !== userHandleOf(passkey.userId)) throw passkeyRefused(purpose);
    const signature = await ceremony.verifySignature(purpose, answer, challenge, passkey);
    const outside = outsideWorkspaces(passkey.userId);
    const used = await units.prepare(
      workspaceId === undefined ? outside : { ...outside, workspaceId },
      ({ passkeys }) => passkeys.use(passkey.id, signature, client),
    );
    if (used === 'copied') {
      noteAudit({ outcome: 'denied', code: 'passkey.copied' });
      log.warn(
        { userId: passkey.userId, passkeyId: passkey.id, purpose, ip: client.ip },
        'the counter of a passkey went back: there may be a copy of it; have its owner remove it',
      );
    }
    if (used !== 'used') throw passkeyRefused(purpose);
    return passkey.userId;
  };

  const checkNew = async (person: Person, answer: Attestation): Promise<NewCredential> => {
    const challenge = await ceremony.challengeOf('register', answer);
    await challenges.spend('register', holderOf(person), challenge);
    return ceremony.verifyNew(answer, challenge);
  };

  return {
    /** @throws DomainError 403 `auth.reauthentication_needed`, 503 `passkey.not_configured` */
    async beginRegistration(person: Person) {
      ceremony.requireConfigured();
      const { tenant, sessionId } = person;
      const { user, known } = await units.read(tenant, async ({ passkeys, mfa, users }) => {
        await mfa.requireFresh(tenant.userId, sessionId);
        return { user: await users.find(tenant.userId), known: await passkeys.list(tenant.userId) };
      });
      if (!user) throw unauthenticated();
      return ceremony.creationOptions(user, await challenges.issue('register', holderOf(person)), known);
    },

    /** @throws DomainError 400 `passkey.refused`, `passkey.challenge_unknown`, 403, 409 */
    async register(person: Person, name: string, answer: Attestation) {
      ceremony.requireConfigured();
      const { tenant, sessionId } = person;
      // A refusal waits for the transaction, which knows whether the same command was carried out before.
      const [checked] = await Promise.allSettled([checkNew(person, answer)]);
      return units.run(tenant, async ({ passkeys, mfa }) => {
        await mfa.requireFresh(tenant.userId, sessionId);
        if (checked.status === 'rejected') throw checked.reason;
        return viewPasskey(await passkeys.add(tenant.userId, name, checked.value));
      });
    },

    /** Names nobody, so it tells nothing of anybody. */
    async beginSignIn() {
      ceremony.requireConfigured();
      return ceremony.requestOptions(await challenges.issue('sign-in', ''));
    },

    /**
     * Counts for both factors: the authenticator is one, and it has checked who holds it. Limited by address alone:
     * nobody guesses a signature, and so nobody can use up the attempts of an owner.
     * @throws DomainError 401, 403 for a disabled user, 429
     */
    async signIn(answer: Assertion, client: Client) {
      const attempt = await ceremony.challengeOf('sign-in', answer);
      const userId = await limits.attempt(`passkey:${attempt}`, client, () =>
        prove({ purpose: 'sign-in', holder: '' }, answer, client),
      );
      return signIn.enter(userId, client);
    },

    /** @throws DomainError 401 `auth.mfa_token_unknown` */
    async beginSecondStep(mfaToken: string) {
      ceremony.requireConfigured();
      const userId = await secondStep.holderOf(mfaToken);
      const challenge = await challenges.issue('second-factor', secondHolder(userId, mfaToken));
      return ceremony.requestOptions(challenge, await listOf(userId));
    },

    /** @throws DomainError 401, 403 for a disabled user, 429 */
    async finishSecondStep(mfaToken: string, answer: Assertion, client: Client) {
      const begun = await secondStep.finish(mfaToken, client, async (id) => {
        const holder = secondHolder(id, mfaToken);
        return (await prove({ purpose: 'second-factor', holder, userId: id }, answer, client)) === id;
      });
      return signIn.enterByTwoFactors(begun, client);
    },

    async beginReauthentication(person: Person) {
      ceremony.requireConfigured();
      const { tenant, sessionId } = person;
      await units.read(tenant, ({ mfa }) => mfa.ownSession(tenant.userId, sessionId));
      const challenge = await challenges.issue('reauthenticate', holderOf(person));
      return ceremony.requestOptions(challenge, await listOf(tenant.userId));
    },

    /** @throws DomainError 401, 403 for a service acting for somebody, 429 */
    async reauthenticate(person: Person, answer: Assertion, client: Client): Promise<void> {
      const { tenant, sessionId } = person;
      const { userId } = tenant;
      const session = await units.read(tenant, ({ mfa }) => mfa.ownSession(userId, sessionId));
      const { workspaceId } = tenant;
      const asked = { purpose: 'reauthenticate', holder: holderOf(person), userId, workspaceId } as const;
      const attempt = async (): Promise<boolean> => (await prove(asked, answer, client)) === userId;
      const [proven] = await Promise.allSettled([secondStep.attempt(userId, client, attempt)]);
      await units.run(tenant, ({ mfa }) => {
        if (proven.status === 'rejected') throw proven.reason;
        return mfa.prove(session.id);
      });
    },
  };
};
export type PasskeyFlow = ReturnType<typeof createPasskeyFlow>;
