import { storeCalendarGrant } from '@atrium/contracts';
import { callService, DomainError, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { GoogleVisit } from './google.flow.ts';

/** Hands what somebody allowed at Google to calendar; nothing of it stays here. */
export const createCalendarGrants = (parts: {
  calendarUrl: string;
  scope: string;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
}) => ({
  /** @throws DomainError 403 `auth.google_scope_missing`, `auth.access_lost`, 503 `calendar.unavailable` */
  async handOver(person: { userId: string; workspaceId: string }, visit: GoogleVisit): Promise<void> {
    const { refreshToken, scopes, profile } = visit;
    if (!refreshToken || !scopes.includes(parts.scope))
      throw new DomainError('auth.google_scope_missing', 403, 'Access to the calendar was not allowed. Begin again.');
    const { userId, workspaceId } = person;
    const access = await parts.accounts.run({ workspaceId, userId }, (accounts) => accounts.holdAccess(userId));
    if (!access) throw new DomainError('auth.access_lost', 403, 'You are no longer a member of this workspace.');
    const { accessToken } = parts.tokens.issue({
      userId,
      workspaceId,
      role: access.member.role,
      actor: 'auth',
      readAt: access.readAt,
    });
    await callService(storeCalendarGrant, {
      baseUrl: parts.calendarUrl,
      token: accessToken,
      input: { provider: 'google', account: profile.email, subject: profile.sub, scopes: [...scopes], refreshToken },
    });
  },
});
export type CalendarGrants = ReturnType<typeof createCalendarGrants>;
