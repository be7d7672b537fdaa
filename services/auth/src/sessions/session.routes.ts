import {
  decodeCursor,
  DomainError,
  forbidden,
  IdParams,
  noteAudit,
  PageQuery,
  route,
  toPage,
  unauthenticated,
  type Identity,
  type Transactional,
  type ClientOf,
} from '@atrium/service-kit';
import type { RefreshCookie } from './refresh.cookie.ts';
import type { RefreshService } from './refresh.service.ts';
import { Refresh, SessionPage, TokenPair, viewSession } from './session.schema.ts';
import type { SessionService } from './session.service.ts';

/** A program that acts for somebody has no say in where they are signed in. @throws DomainError 403 */
export const ownSessionOf = ({ sessionId }: Identity): string => {
  if (sessionId === undefined) throw forbidden('Only the person who signed in may do this.');
  return sessionId;
};

/** Staying signed in, seeing where, and leaving. */
export const sessionRoutes = (parts: {
  sessions: Transactional<SessionService>;
  refreshing: RefreshService;
  cookie: RefreshCookie;
  clientOf: ClientOf;
}) => {
  const { sessions, refreshing, cookie, clientOf } = parts;
  return [
    route({
      method: 'post',
      path: '/auth/refresh',
      id: 'refreshSession',
      summary: 'Trade a refresh token, in the body or in the cookie, for the next one and a new access token',
      permission: 'public',
      body: Refresh,
      bodyLimit: 8_192,
      response: TokenPair,
      errors: [401, 403],
      // One every few minutes for each open tab says nothing; a token that comes back does.
      audit: 'refusals',
      handler: async ({ body, req, res }) => {
        if (body.refreshToken !== undefined) {
          const { until: _until, ...pair } = await refreshing.refresh(body.refreshToken, clientOf(req));
          return pair;
        }
        const kept = cookie.read(req);
        if (kept === undefined) throw unauthenticated('auth.refresh_missing', 'There is no refresh token. Sign in.');
        cookie.checkPage(req);
        try {
          const { refreshToken, until, ...rest } = await refreshing.refresh(kept, clientOf(req));
          cookie.write(res, refreshToken, until);
          return rest;
        } catch (error) {
          if (error instanceof DomainError && error.status === 401) cookie.clear(res);
          throw error;
        }
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      id: 'logout',
      summary: 'End the session of the access token',
      permission: 'session:write',
      handler: async ({ identity, tenant, req, res }) => {
        const sessionId = ownSessionOf(identity);
        noteAudit({ target: sessionId });
        await sessions.run(tenant, (service) => service.end(sessionId));
        if (cookie.read(req) !== undefined) cookie.clear(res);
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout-all',
      id: 'logoutEverywhere',
      summary: 'End every session of the user, this one too',
      permission: 'session:write',
      handler: async ({ identity, tenant, req, res }) => {
        ownSessionOf(identity);
        await sessions.run(tenant, (service) => service.leaveEverywhere(tenant.userId, 'logout'));
        if (cookie.read(req) !== undefined) cookie.clear(res);
      },
    }),
    route({
      method: 'get',
      path: '/auth/sessions',
      id: 'listSessions',
      summary: 'Where the user is signed in, the newest session first',
      permission: 'session:read',
      query: PageQuery,
      response: SessionPage,
      handler: async ({ identity, tenant, query }) => {
        const current = ownSessionOf(identity);
        const after = decodeCursor(query.cursor)?.id;
        const rows = await sessions.read(tenant, (service) => service.list(tenant.userId, query.limit, after));
        const place = ({ id, createdAt }: (typeof rows)[number]) => ({ id, at: createdAt.toISOString() });
        return toPage(rows, query.limit, place, (session) => viewSession(session, current));
      },
    }),
    route({
      method: 'delete',
      path: '/auth/sessions/:id',
      id: 'endSession',
      summary: 'End one session of the user',
      permission: 'session:write',
      params: IdParams,
      errors: [404],
      handler: async ({ identity, tenant, params }) => {
        ownSessionOf(identity);
        noteAudit({ target: params.id });
        await sessions.run(tenant, (service) => service.remove(tenant.userId, params.id));
      },
    }),
  ];
};
