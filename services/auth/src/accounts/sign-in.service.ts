import { noteAudit, outsideWorkspaces, unauthenticated, type Transactional } from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { Client } from '../attempts/client.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import { requireStrong } from '../passwords/password.quality.ts';
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
  newId: () => string;
}) => {
  const { accounts, passwords, limits, tokens, newId } = parts;
  const findByEmail = (email: string) => accounts.read(outsideWorkspaces(), (service) => service.findByEmail(email));
  const signedIn = ({ user, workspace, role, sessionId, refreshToken }: Entered) => ({
    user,
    workspace,
    refreshToken,
    ...tokens.issue({ userId: user.id, workspaceId: workspace.id, role, sessionId }),
  });

  /** A failed sign-in belongs to the log of the workspace it aimed at; looking for it costs the same for nobody. */
  const noteWhose = async (known: string | undefined): Promise<void> => {
    const userId = known ?? newId();
    const workspaceId = await accounts.read(outsideWorkspaces(userId), (service) => service.homeOf(userId));
    if (known !== undefined) noteAudit({ userId, ...(workspaceId === undefined ? {} : { workspaceId }) });
  };

  return {
    /** @throws DomainError 409 `auth.email_taken`, 422 `auth.weak_password`, 503 `auth.busy` */
    async register({ password, ...input }: Register, client: Client) {
      requireStrong(password, input);
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
        if (!user || !right) {
          await noteWhose(user?.id);
          throw unauthenticated('auth.invalid_credentials', 'The email address or the password is not right.');
        }
        const upgraded = passwords.isOutdated(user.passwordHash) ? await passwords.hash(password) : undefined;
        const entered = await accounts.run(outsideWorkspaces(user.id), async (service) => {
          if (upgraded !== undefined) await service.replaceHash(user.id, user.passwordHash, upgraded);
          return service.signIn(user.id, client);
        });
        return signedIn(entered);
      }),
  };
};
export type SignInService = ReturnType<typeof createSignInService>;
