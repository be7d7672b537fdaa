import { outsideWorkspaces, unauthenticated, type Transactional } from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { Client } from '../attempts/client.ts';
import { mfaRequired, type MfaChallenge } from '../mfa/mfa.challenge.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { User } from '../users/user.entity.ts';
import type { Membership } from '../workspaces/workspace.store.ts';
import type { Login, Register } from './account.schema.ts';
import { emailTaken, type AccountService } from './account.service.ts';

type Entered = Membership & { readonly user: User; readonly sessionId: string; readonly refreshToken: string };

/** Signing up and in. Passwords are hashed between transactions, never inside one, which would hold a connection. */
export const createSignInService = (parts: {
  accounts: Transactional<AccountService>;
  passwords: PasswordHasher;
  limits: AttemptLimits;
  tokens: AccessTokens;
  challenge: MfaChallenge;
  newId: () => string;
}) => {
  const { accounts, passwords, limits, tokens, challenge, newId } = parts;
  const findByEmail = (email: string) => accounts.read(outsideWorkspaces(), (service) => service.findByEmail(email));
  const signedIn = ({ user, workspace, role, sessionId, refreshToken }: Entered) => ({
    user,
    workspace,
    refreshToken,
    ...tokens.issue({ userId: user.id, workspaceId: workspace.id, role, sessionId }),
  });

  const enter = async (userId: string, client: Client) =>
    signedIn(await accounts.run(outsideWorkspaces(userId), (service) => service.signIn(userId, client)));
  /** Asks for the second factor where there is one. @throws DomainError 401 `auth.mfa_required` with `mfaToken` */
  const enterByOneFactor = async (userId: string, client: Client) => {
    const mfaToken = await challenge.begin(userId);
    if (mfaToken !== undefined) throw mfaRequired(mfaToken);
    return enter(userId, client);
  };

  return {
    enter,
    enterByOneFactor,

    /** @throws DomainError 409 `auth.email_taken`, 503 `auth.busy` */
    async register({ password, ...input }: Register, client: Client) {
      if (await findByEmail(input.email)) throw emailTaken();
      const passwordHash = await passwords.hash(password);
      const [userId, workspaceId] = [newId(), newId()];
      const entered = await accounts.run({ workspaceId, userId }, (service) =>
        service.register(userId, passwordHash, input, client),
      );
      return signedIn(entered);
    },

    /** @throws DomainError 401 `auth.invalid_credentials` for a wrong address and a wrong password alike, 403, 429, 503 */
    async login({ email, password }: Login, client: Client) {
      const userId = await limits.attempt(email, client, async () => {
        const user = await findByEmail(email);
        const right = await passwords.verify(user?.passwordHash, password);
        if (!user || !right)
          throw unauthenticated('auth.invalid_credentials', 'The email address or the password is not right.');
        return user.id;
      });
      return enterByOneFactor(userId, client);
    },

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
