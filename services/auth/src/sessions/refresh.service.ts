import { noteAudit, unauthenticated, type Logger, type Transactional, type Client } from '@atrium/service-kit';
import type { AccessTokens } from '../tokens/access.token.ts';
import { hashRefreshToken } from './refresh.token.ts';
import type { SessionService } from './session.service.ts';
import type { SessionStore } from './session.store.ts';

const REFUSALS = {
  unknown: 'The refresh token is not known. Sign in again.',
  expired: 'The refresh token has expired. Sign in again.',
  ended: 'The session has ended. Sign in again.',
  reused: 'The refresh token was used before, so its session was ended for safety. Sign in again.',
};

const CODES = {
  unknown: 'auth.refresh_unknown',
  expired: 'auth.refresh_expired',
  ended: 'auth.session_ended',
  reused: 'auth.refresh_reused',
};

/** Trades a refresh token for the next one and a new access token. */
export const createRefreshService = (parts: {
  sessions: Transactional<SessionService>;
  /** Reads by itself, outside transactions: these tables have no tenant, and what it says is looked at again under the lock. */
  owners: Pick<SessionStore, 'ownerOf'>;
  tokens: AccessTokens;
  log: Logger;
}) => ({
  /** @throws DomainError 401, with a code for each reason */
  async refresh(presented: string, client: Client) {
    // A token that is not known is refused by reading only; the owner says whose workspace the rest happens in.
    const owner = await parts.owners.ownerOf(hashRefreshToken(presented));
    if (!owner) throw unauthenticated(CODES.unknown, REFUSALS.unknown);
    const { id, userId, workspaceId } = owner;
    noteAudit({ userId, workspaceId, target: id });
    const refreshed = await parts.sessions.run({ workspaceId, userId }, (sessions) =>
      sessions.refresh(id, presented, client),
    );
    if (refreshed.outcome === 'reused')
      parts.log.warn({ sessionId: id, userId }, 'a spent refresh token came back; its session was ended');
    if (refreshed.outcome !== 'refreshed') throw unauthenticated(CODES[refreshed.outcome], REFUSALS[refreshed.outcome]);
    const { refreshToken, role, sessionId, readAt, until } = refreshed;
    return { ...parts.tokens.issue({ userId, workspaceId, role, sessionId, readAt, until }), refreshToken, until };
  },
});
export type RefreshService = ReturnType<typeof createRefreshService>;
