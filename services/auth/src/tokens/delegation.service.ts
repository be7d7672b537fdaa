import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DomainError, unauthenticated, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AccessTokens } from './access.token.ts';

/** What a service sends to act for a user in a workspace. */
export interface Exchange {
  readonly service: string;
  readonly secret: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly scopes?: readonly string[] | undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Exchanges a service's credential for a token with exactly the rights of a user in a workspace. */
export const createDelegationService = (options: {
  secrets: Readonly<Record<string, string>>;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
}) => {
  const known = new Map(Object.entries(options.secrets).map(([service, secret]) => [service, digest(secret)]));
  const nobody = randomBytes(32);
  return {
    /** @throws DomainError 401 for the service, 403 for the user */
    async exchange({ service, secret, userId, workspaceId, scopes }: Exchange) {
      const proven = timingSafeEqual(known.get(service) ?? nobody, digest(secret));
      if (!proven) throw unauthenticated('auth.invalid_service', 'The service or its SERVICE_SECRET is not right.');
      const access = await options.accounts.run({ workspaceId, userId }, (accounts) => accounts.holdAccess(userId));
      if (!access)
        throw new DomainError('auth.access_lost', 403, 'The user is not a member of this workspace, or is disabled.');
      return options.tokens.issue({
        userId,
        workspaceId,
        role: access.member.role,
        actor: service,
        scopes,
        readAt: access.readAt,
      });
    },
  };
};
export type DelegationService = ReturnType<typeof createDelegationService>;
