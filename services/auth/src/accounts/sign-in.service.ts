import { noteAudit, outsideWorkspaces, unauthenticated, type Transactional } from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { Client } from '../attempts/client.ts';
import { mfaRequired, mfaTokenUnknown, type Begun, type MfaChallenge } from '../mfa/mfa.challenge.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import type { WorkQueue } from '../passwords/work.queue.ts';
import { requireStrong } from '../passwords/password.quality.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { User } from '../users/user.entity.ts';
import type { Membership } from '../workspaces/workspace.store.ts';
import type { Login, Register } from './account.schema.ts';
import { emailTaken, invalidCredentials, type AccountService } from './account.service.ts';
import { markOf, type FirstStep } from './first.step.ts';

type Entered = Membership & {
  readonly user: User;
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly readAt: Date;
  readonly until: Date;
};

/** Signing up and in. Passwords are hashed between transactions, never inside one, which would hold a connection. */
export const createSignInService = (parts: {
  accounts: Transactional<AccountService>;
  passwords: PasswordHasher;
  /** Refuses who would find no place for their password, before anything is asked of Redis or Postgres for them. */
  queue: WorkQueue;
  limits: AttemptLimits;
  tokens: AccessTokens;
  challenge: MfaChallenge;
  now: () => Date;
  newId: () => string;
}) => {
  const { accounts, passwords, queue, limits, tokens, challenge, now, newId } = parts;
  const findByEmail = (email: string) => accounts.read(outsideWorkspaces(), (service) => service.findByEmail(email));
  const signedIn = ({ user, workspace, role, sessionId, refreshToken, readAt, until }: Entered) => ({
    user,
    workspace,
    refreshToken,
    until,
    ...tokens.issue({ userId: user.id, workspaceId: workspace.id, role, sessionId, readAt, until }),
  });

  /**
   * A refused sign-in belongs to the log of the workspace it aimed at; looking for it costs the same for nobody.
   * @returns that workspace
   */
  const noteWhose = async (known: string | undefined): Promise<string | undefined> => {
    const userId = known ?? newId();
    const workspaceId = await accounts.read(outsideWorkspaces(userId), (service) => service.homeOf(userId));
    if (known !== undefined) noteAudit({ userId, ...(workspaceId === undefined ? {} : { workspaceId }) });
    return workspaceId;
  };

  /** @param first what a sign-in by password stands on: it may have been changed meanwhile */
  const enter = async (userId: string, client: Client, first?: FirstStep) =>
    signedIn(await accounts.run(outsideWorkspaces(userId), (service) => service.signIn(userId, client, first)));

  /** Ends a sign-in whose second step was right. @throws DomainError 401 `auth.mfa_token_unknown`, 403 */
  const enterByTwoFactors = async ({ userId, ...first }: Begun, client: Client) =>
    signedIn(
      await accounts.run(outsideWorkspaces(userId), (service) =>
        service.signIn(userId, client, first, mfaTokenUnknown),
      ),
    );

  /** Asks for the second factor where there is one. @throws DomainError 401 `auth.mfa_required` with `mfaToken` */
  const enterByOneFactor = async (userId: string, client: Client, first?: Required<FirstStep>) => {
    const mfaToken = await challenge.begin(userId, first);
    if (mfaToken !== undefined) {
      await noteWhose(userId);
      throw mfaRequired(mfaToken);
    }
    return enter(userId, client, first && { passwordMark: first.passwordMark });
  };

  /** Replaces a hash of another cost than today's; whoever changed the password meanwhile wins. */
  const renewHash = async ({ id, passwordHash }: User, password: string): Promise<string> => {
    const renewed = await passwords.hash(password);
    await accounts.prepare(outsideWorkspaces(id), (service) => service.replaceHash(id, passwordHash, renewed));
    return renewed;
  };

  return {
    enter,
    enterByOneFactor,
    enterByTwoFactors,
    noteWhose,

    /** @throws DomainError 409 `auth.email_taken`, 422 `auth.weak_password`, 503 `auth.busy` */
    async register({ password, ...input }: Register, client: Client) {
      requireStrong(password, input);
      return queue.run(async () => {
        if (await findByEmail(input.email)) throw emailTaken();
        const passwordHash = await passwords.hash(password);
        const [userId, workspaceId] = [newId(), newId()];
        const entered = await accounts.run({ workspaceId, userId }, (service) =>
          service.register(userId, passwordHash, input, client),
        );
        return signedIn(entered);
      });
    },

    /** @throws DomainError 401 `auth.invalid_credentials` for a wrong address and a wrong password alike, 403, 429, 503 */
    login: ({ email, password }: Login, client: Client) =>
      queue.run(async () => {
        const begunAt = now();
        const user = await limits.attempt(email, client, async () => {
          const user = await findByEmail(email);
          const right = await passwords.verify(user?.passwordHash, password);
          if (!user || !right) {
            await noteWhose(user?.id);
            throw invalidCredentials();
          }
          return user;
        });
        const passwordHash = passwords.isOutdated(user.passwordHash)
          ? await renewHash(user, password)
          : user.passwordHash;
        return enterByOneFactor(user.id, client, { passwordMark: markOf(passwordHash), begunAt });
      }),

    /** Proves that somebody who is signed in knows their password. @throws DomainError 401, 429, 503 */
    async provePassword(userId: string, password: string, client: Client) {
      await limits.attempt(`proof:${userId}`, client, async () => {
        const user = await accounts.read(outsideWorkspaces(userId), (service) => service.findUser(userId));
        if (!user || !(await passwords.verify(user.passwordHash, password)))
          throw unauthenticated('auth.invalid_credentials', 'The password is not right.');
      });
    },
  };
};
export type SignInService = ReturnType<typeof createSignInService>;
