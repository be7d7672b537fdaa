import {
  bearerToken,
  DomainError,
  outsideWorkspaces,
  route,
  unauthenticated,
  type ClientOf,
} from '@atrium/service-kit';
import type { TokenVerifier, Transactional } from '@atrium/service-kit';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { SignedIn } from '../accounts/account.schema.ts';
import { viewSignedIn, type Entrance } from '../accounts/entrance.ts';
import type { SignInService } from '../accounts/sign-in.service.ts';
import { MFA_TOKEN_MS } from '../mfa/mfa.challenge.ts';
import type { MfaService } from '../mfa/mfa.service.ts';
import type { HostCookie } from '../sessions/host.cookie.ts';

import type { CalendarGrants } from './calendar.grants.ts';
import { beginGoogle, finishGoogle, type GoogleSettings } from './google.flow.ts';
import type { GoogleService } from './google.service.ts';
import type { GoogleStates, HeldState } from './google.state.ts';

const PROFILE_SCOPES = ['openid', 'email', 'profile'];
export const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar';

const Start = z.strictObject({
  purpose: z.enum(['sign-in', 'link', 'calendar']).default('sign-in'),
  /** For browsers: where they end, with the refresh token in a cookie. */
  return_to: z.string().min(1).max(2_000).optional(),
});
/** Google adds parameters of its own. */
const Callback = z.object({
  state: z.string().min(1).max(200),
  code: z.string().min(1).max(2_000).optional(),
  error: z.string().max(200).optional(),
  iss: z.string().max(200).optional(),
});
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
const Begun = z.object({ url: z.url() }).meta({ id: 'GoogleBegun' });
const Connected = z.object({ connected: z.enum(['link', 'calendar']) });
const Done = z.union([SignedIn, Connected, z.object({ continued: z.url() })]).meta({ id: 'GoogleDone' });
const Ticket = z.object({ mfaToken: z.string() });

/** The parts that signing in with Google takes. */
export interface GoogleParts {
  readonly settings: GoogleSettings | undefined;
  readonly states: GoogleStates;
  readonly google: GoogleService;
  readonly grants: CalendarGrants;
  readonly mfa: Transactional<MfaService>;
  readonly signIn: SignInService;
  readonly verify: TokenVerifier;
  readonly clientOf: ClientOf;
  readonly entrance: Pick<Entrance, 'keep'>;
  readonly mfaCookie: HostCookie;
  /** Where a browser may be sent afterwards. */
  readonly returnTo: (asked: string) => string;
}

/** Signing in with Google, linking it, and handing over its calendar. */
export const googleRoutes = (parts: GoogleParts) => {
  const configured = (): GoogleSettings => {
    if (parts.settings) return parts.settings;
    throw new DomainError(
      'auth.google_not_configured',
      503,
      'Set GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and GOOGLE_CALLBACK_URL to sign in with Google.',
    );
  };
  /** Who asks to have something of theirs connected. */
  const personOf = async (authorization: string | undefined, purpose: 'link' | 'calendar') => {
    const { tenant, sessionId } = await parts.verify(bearerToken(authorization));
    const { userId, workspaceId } = tenant;
    await parts.mfa.read(outsideWorkspaces(userId), async (mfa) => {
      if (purpose === 'link') await mfa.requireFresh(userId, sessionId);
      else await mfa.ownSession(userId, sessionId);
    });
    return { userId, workspaceId, sessionId: sessionId ?? '' };
  };

  /** What coming back leads to. @throws DomainError */
  const finish = async (settings: GoogleSettings, held: HeldState, query: z.infer<typeof Callback>, req: Request) => {
    const fromElsewhere = query.iss !== undefined && !ISSUERS.includes(query.iss);
    if (fromElsewhere || query.error !== undefined || query.code === undefined)
      throw new DomainError('auth.google_refused', 400, 'Google did not accept the sign-in. Begin again.');
    const visit = await finishGoogle(settings, req, query.code, held.verifier);
    if (held.purpose === 'sign-in') {
      const userId = await parts.google.resolve(visit);
      return parts.signIn.enterByOneFactor(userId, parts.clientOf(req));
    }
    const { person } = held;
    if (!person) throw unauthenticated();
    await parts.mfa.read(outsideWorkspaces(person.userId), (mfa) => mfa.ownSession(person.userId, person.sessionId));
    if (held.purpose === 'link') await parts.google.link(visit, person.userId);
    else await parts.grants.handOver(person, visit);
    return { connected: held.purpose };
  };

  /** Ends a browser's visit where it began, and tells in the address what is left to do: never a token. */
  const sendOn = async (res: Response, address: string, work: () => ReturnType<typeof finish>) => {
    const url = new URL(address);
    try {
      const done = await work();
      if (!('connected' in done)) parts.entrance.keep(res, done);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const ticket = Ticket.safeParse(error.extra);
      if (ticket.success) parts.mfaCookie.write(res, ticket.data.mfaToken, MFA_TOKEN_MS / 1000);
      url.searchParams.set(ticket.success ? 'auth' : 'auth_error', ticket.success ? 'mfa_required' : error.code);
    }
    res.redirect(303, url.href);
    return { continued: url.href };
  };

  return [
    route({
      method: 'get',
      path: '/auth/google',
      id: 'beginGoogle',
      summary: 'Go to Google; answers the address as JSON to those who accept only that',
      permission: 'public',
      query: Start,
      response: Begun,
      errors: [403, 503],
      handler: async ({ query: { purpose, return_to: asked }, req, res }) => {
        const settings = configured();
        const returnTo = asked === undefined ? undefined : parts.returnTo(asked);
        const person = purpose === 'sign-in' ? undefined : await personOf(req.get('authorization'), purpose);
        const state = parts.states.newState();
        const offline = purpose === 'calendar';
        const scope = offline ? [...PROFILE_SCOPES, CALENDAR_SCOPE] : PROFILE_SCOPES;
        const { url, verifier } = await beginGoogle(settings, req, { scope, state, offline });
        await parts.states.keep(res, state, { verifier, purpose, person, returnTo });
        res.set('cache-control', 'no-store');
        if (req.accepts(['html', 'json']) === 'html') res.redirect(302, url);
        return { url };
      },
    }),
    route({
      method: 'get',
      path: '/auth/google/callback',
      id: 'finishGoogle',
      summary: 'Come back from Google',
      permission: 'public',
      query: Callback,
      response: Done,
      errors: [400, 401, 403, 409, 503],
      audit: 'always',
      handler: async ({ query, req, res }) => {
        const settings = configured();
        res.set('cache-control', 'no-store');
        const held = await parts.states.take(req, res, query.state);
        if (held.returnTo === undefined) {
          const done = await finish(settings, held, query, req);
          return 'connected' in done ? done : viewSignedIn(done);
        }
        return sendOn(res, held.returnTo, () => finish(settings, held, query, req));
      },
    }),
  ];
};
