import {
  DomainError,
  invalid,
  outsideWorkspaces,
  unauthenticated,
  type Tenant,
  type Transactional,
  type Client,
} from '@atrium/service-kit';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { PasswordHasher } from '../passwords/password.hasher.ts';
import { requireStrong } from '../passwords/password.quality.ts';
import { wrongPassword, type EmailService } from './email.service.ts';

/** Choosing a new password. Passwords are hashed between transactions, as for signing in. */
export const createPasswordService = (parts: {
  emails: Transactional<EmailService>;
  passwords: PasswordHasher;
  limits: AttemptLimits;
}) => {
  const { emails, passwords, limits } = parts;
  return {
    /** @throws DomainError 400 `auth.link_invalid`, 422 `auth.weak_password`, 503 `auth.busy` */
    async reset(token: string, password: string): Promise<void> {
      // Asked first, so that made-up tokens cost no hashing.
      const user = await emails.read(outsideWorkspaces(), (service) => service.ownerOf(token, 'reset_password'));
      requireStrong(password, user);
      const passwordHash = await passwords.hash(password);
      await emails.run(outsideWorkspaces(user.id), (service) => service.reset(token, passwordHash));
    },

    /** @throws DomainError 403 `auth.wrong_password`, 422 `auth.same_password`, `auth.weak_password`, 429, 503 */
    async change(
      asked: {
        tenant: Tenant & { userId: string };
        sessionId: string;
        currentPassword: string;
        newPassword: string;
      },
      client: Client,
    ): Promise<void> {
      const { tenant, sessionId, currentPassword, newPassword } = asked;
      const user = await emails.read(tenant, (service) => service.find(tenant.userId));
      if (!user) throw unauthenticated('auth.session_ended', 'The session has ended. Sign in again.');
      const { email, passwordHash: current } = user;
      try {
        // Guesses count as those of sign-ins do: whoever finds an open device has no more of them.
        await limits.attempt(email, client, async () => {
          if (!(await passwords.verify(current, currentPassword)))
            throw unauthenticated('auth.wrong_password', 'The current password is not right.');
        });
      } catch (error) {
        throw error instanceof DomainError && error.code === 'auth.wrong_password' ? wrongPassword() : error;
      }
      if (newPassword === currentPassword) throw invalid('auth.same_password', 'The new password is the one you have.');
      requireStrong(newPassword, user, 'body.newPassword');
      const passwordHash = await passwords.hash(newPassword);
      await emails.run(tenant, (service) => service.change(tenant.userId, current, passwordHash, sessionId));
    },
  };
};
export type PasswordService = ReturnType<typeof createPasswordService>;
