import { noteAudit, outsideWorkspaces, unauthenticated, type Transactional, type Client } from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { DeviceTokens } from '../attempts/device.token.ts';
import { mfaRequired, mfaTokenUnknown, type Begun, type MfaChallenge } from '../mfa/mfa.challenge.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import type { WorkQueue } from '../passwords/work.queue.ts';
import { requireStrong } from '../passwords/password.quality.ts';
import { registrationClosed, type RegistrationMode } from '../registration/registration.mode.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { User } from '../users/user.entity.ts';
import type { Membership } from '../workspaces/workspace.store.ts';
import type { Login, Register } from './account.schema.ts';
import { invalidCredentials, type AccountService } from './account.service.ts';
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
  devices: DeviceTokens;
  tokens: AccessTokens;
  challenge: MfaChallenge;
  registration: RegistrationMode;
  /** Mails a link to an unverified address, after the answer and within the limits of mails. */
  mailAgain: (email: string, client: Client) => void;
  /** @returns whether the address may be written to once more; the answer must not tell */
  mayMail: (email: string, client: Client) => Promise<boolean>;
  now: () => Date;
  newId: () => string;
}) => {
  const { accounts, passwords, queue, limits, devices, tokens, challenge, registration, now, newId } = parts;
  const findByEmail = (email: string) => accounts.read(outsideWorkspaces(), (service) => service.findByEmail(email));
  const signedIn = ({ user, workspace, role, sessionId, refreshToken, readAt, until }: Entered) => ({
    user,
    workspace,
    refreshToken,
    deviceToken: devices.issue(user.email),
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

    /**
     * The password is hashed before anybody looks for the address, so that time does not tell whether it is known.
     * @throws DomainError 403 `auth.registration_closed`, 409 `auth.email_taken`, 422 `auth.weak_password`, 503 `auth.busy`
     */
    async register({ password, invitation, ...input }: Register, client: Client) {
      const closed = registration === 'closed';
      if (closed && invitation === undefined) throw registrationClosed();
      requireStrong(password, input);
      return queue.run(async () => {
        const passwordHash = await passwords.hash(password);
        const [userId, workspaceId] = [newId(), newId()];
        const entered = await accounts.run({ workspaceId, userId }, (service) =>
          service.register(userId, passwordHash, input, client, closed ? invitation : undefined),
        );
        return signedIn(entered);
      });
    },

    byMail: registration === 'by-mail',

    /**
     * Registers where a mail says how it goes on. Does the same whether or not there is such an account.
     * @throws DomainError 422 `auth.weak_password`, 429 `auth.too_many_mails`, 503 `auth.busy`
     */
    async apply({ password, invitation: _invitation, ...input }: Register, client: Client): Promise<void> {
      requireStrong(password, input);
      await queue.run(async () => {
        const mayMail = await parts.mayMail(input.email, client);
        const application = {
          ...input,
          userId: newId(),
          workspaceId: newId(),
          passwordHash: await passwords.hash(password),
        };
        if (mayMail) await accounts.run(outsideWorkspaces(), (service) => service.apply(application));
      });
    },

    /** @throws DomainError 401 `auth.invalid_credentials` for a wrong address and a wrong password alike, 403, 429, 503 */
    login: ({ email, password, deviceToken }: Login, client: Client) =>
      queue.run(async () => {
        const begunAt = now();
        const check = async (): Promise<User> => {
          const user = await findByEmail(email);
          const right = await passwords.verify(user?.passwordHash, password);
          if (!user || !right) {
            await noteWhose(user?.id);
            throw invalidCredentials();
          }
          if (registration === 'by-mail' && !user.emailVerifiedAt) {
            parts.mailAgain(email, client);
            await noteWhose(user.id);
            throw invalidCredentials();
          }
          return user;
        };
        const user = await limits.attempt(email, client, check, devices.read(deviceToken, email));
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
