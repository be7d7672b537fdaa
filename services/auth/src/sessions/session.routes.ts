import { forbidden, noteAudit, route, type Transactional } from '@atrium/service-kit';
import type { ClientOf } from '../attempts/client.ts';
import type { RefreshService } from './refresh.service.ts';
import { Refresh, TokenPair } from './session.schema.ts';
import type { SessionService } from './session.service.ts';

/** Staying signed in, and leaving. */
export const sessionRoutes = (parts: {
  sessions: Transactional<SessionService>;
  refreshing: RefreshService;
  clientOf: ClientOf;
}) => [
  route({
    method: 'post',
    path: '/auth/refresh',
    id: 'refreshSession',
    summary: 'Trade a refresh token for the next one and a new access token',
    permission: 'public',
    body: Refresh,
    bodyLimit: 8_192,
    response: TokenPair,
    errors: [401],
    // One every few minutes for each open tab says nothing; a token that comes back does.
    audit: 'refusals',
    handler: ({ body, req }) => parts.refreshing.refresh(body.refreshToken, parts.clientOf(req)),
  }),
  route({
    method: 'post',
    path: '/auth/logout',
    id: 'logout',
    summary: 'End the session of the access token',
    permission: 'session:write',
    handler: async ({ identity, tenant }) => {
      const { sessionId } = identity;
      if (sessionId === undefined) throw forbidden('Only the person who signed in can end the session.');
      noteAudit({ target: sessionId });
      await parts.sessions.run(tenant, (sessions) => sessions.end(sessionId));
    },
  }),
];
