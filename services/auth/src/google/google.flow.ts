import { DomainError, unavailable } from '@atrium/service-kit';
import type { Request } from 'express';
import { Strategy, type VerifyCallback } from 'passport-google-oauth20';
import { z } from 'zod';

/** How Google is reached. */
export interface GoogleSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callbackUrl: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly profileUrl: string;
}

/** Who came back, and what they allowed. */
export interface GoogleVisit {
  readonly profile: { sub: string; email: string; emailVerified: boolean; name: string | undefined };
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
}

const ANSWER_MS = 10_000;
const Profile = z.object({
  sub: z.string().min(1).max(255),
  email: z.email().max(254).toLowerCase(),
  email_verified: z.union([z.boolean(), z.stringbool()]).default(false),
  name: z.string().trim().min(1).max(100).optional().catch(undefined),
});

type Stored = (error: Error | null, state?: string) => void;
type Loaded = (error: Error | null, verifier?: string | false, state?: unknown) => void;

const refused = () => new DomainError('auth.google_refused', 400, 'Google did not accept the sign-in. Begin again.');
const googleDown = (cause: unknown) =>
  unavailable('auth.google_unavailable', 'Google does not answer as it should. Try again shortly.', 5, cause);

const translate = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  return error instanceof Error && 'code' in error && error.code === 'invalid_grant' ? refused() : googleDown(error);
};

/** One visit through passport's strategy, driven by hand: no sessions, and our own place for state and verifier. */
const drive = <Result>(
  settings: GoogleSettings,
  req: Request,
  options: object,
  hooks: {
    store: (verifier: string) => string;
    verifier: string | undefined;
    redirected?: (url: string) => Result;
    entered?: (visit: GoogleVisit) => Result;
  },
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(googleDown(new Error('timed out'))), ANSWER_MS);
    const fail = (error: unknown): void => (clearTimeout(timer), reject(translate(error)));
    const done = (result: Result | undefined): void =>
      result === undefined ? fail(refused()) : (clearTimeout(timer), resolve(result));
    const store = {
      // Passport tells by the number of parameters which form is spoken.
      store: (_req: unknown, verifier: string, _state: unknown, _meta: unknown, callback: Stored) =>
        callback(null, hooks.store(verifier)),
      verify: (_req: unknown, _state: string, _meta: unknown, callback: Loaded) =>
        callback(null, hooks.verifier ?? false),
    };
    const strategy = new Strategy(
      {
        clientID: settings.clientId,
        clientSecret: settings.clientSecret,
        callbackURL: settings.callbackUrl,
        authorizationURL: settings.authorizationUrl,
        tokenURL: settings.tokenUrl,
        userProfileURL: settings.profileUrl,
        pkce: true,
        state: true,
        store: store as never,
      },
      (_access: string, refreshToken: string | undefined, params: object, profile: object, finish: VerifyCallback) => {
        const parsed = Profile.safeParse('_json' in profile ? profile._json : undefined);
        if (!parsed.success) return finish(googleDown(parsed.error));
        const { sub, email, email_verified: emailVerified, name } = parsed.data;
        const scopes = 'scope' in params ? String(params.scope).split(' ') : [];
        const visit: GoogleVisit = { profile: { sub, email, emailVerified, name }, refreshToken, scopes };
        finish(null, visit);
      },
    );
    const run = Object.assign(Object.create(strategy) as object, {
      redirect: (url: string) => done(hooks.redirected?.(url)),
      success: (visit: GoogleVisit) => done(hooks.entered?.(visit)),
      fail: () => fail(refused()),
      error: fail,
    });
    Reflect.apply(strategy.authenticate as (req: Request, options: object) => void, run, [req, options]);
  });

/** Where to send somebody, and the secret half of the proof that is kept until they are back. */
export const beginGoogle = (
  settings: GoogleSettings,
  req: Request,
  options: { scope: readonly string[]; state: string; offline: boolean },
): Promise<{ url: string; verifier: string }> => {
  let kept = '';
  return drive(
    settings,
    { ...req, query: {} } as Request,
    {
      scope: [...options.scope],
      ...(options.offline ? { accessType: 'offline', prompt: 'consent' } : {}),
    },
    {
      store: (verifier) => ((kept = verifier), options.state),
      verifier: undefined,
      redirected: (url) => ({ url, verifier: kept }),
    },
  );
};

/** Trades the code for who they are. @throws DomainError 400 `auth.google_refused`, 503 `auth.google_unavailable` */
export const finishGoogle = (
  settings: GoogleSettings,
  req: Request,
  code: string,
  verifier: string,
): Promise<GoogleVisit> =>
  drive(
    settings,
    { ...req, query: { code, state: 'checked' } } as unknown as Request,
    {},
    {
      store: () => '',
      verifier,
      entered: (visit) => visit,
    },
  );
