import { outsideWorkspaces, type Transactional } from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { Client } from '../attempts/client.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { User } from '../users/user.entity.ts';
import type { Membership } from '../workspaces/workspace.store.ts';
import type { Login, Register } from './account.schema.ts';
import { emailTaken, invalidCredentials, type AccountService } from './account.service.ts';

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
  limits: AttemptLimits;
  tokens: AccessTokens;
  newId: () => string;
}) => {
  const { accounts, passwords, limits, tokens, newId } = parts;
  const findByEmail = (email: string) => accounts.read(outsideWorkspaces(), (service) => service.findByEmail(email));
  const signedIn = ({ user, workspace, role, sessionId, refreshToken, readAt, until }: Entered) => ({
    user,
    workspace,
    refreshToken,
    until,
    ...tokens.issue({ userId: user.id, workspaceId: workspace.id, role, sessionId, readAt, until }),
  });

  return {
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
    login: ({ email, password }: Login, client: Client) =>
      limits.attempt(email, client, async () => {
        const user = await findByEmail(email);
        const right = await passwords.verify(user?.passwordHash, password);
        if (!user || !right) throw invalidCredentials();
        const entered = await accounts.run(outsideWorkspaces(user.id), (service) => service.signIn(user, client));
        return signedIn(entered);
      }),
  };
};
export type SignInService = ReturnType<typeof createSignInService>;
