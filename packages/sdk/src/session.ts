import { AtriumError } from './atrium.error.ts';

/** What a sign-in answers; `refreshToken` is absent when it is in the cookie. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Seconds that the access token is good for. */
  readonly expiresIn: number;
}

/** What is to be kept to be signed in after a reload without a cookie. Treat it like a password. */
export interface SessionState {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Where the refresh token is kept: by the browser in a cookie no script can read, or by this object. */
export type RefreshMode = 'cookie' | 'body';

/** Who is signed in, and the token that says so. */
export interface Session {
  /** Undefined when nobody is signed in. */
  readonly state: SessionState | undefined;
  /** Takes what a sign-in, a second step, a passkey, Google or a change of workspace answered. */
  adopt(tokens: Tokens): void;
  /** Takes what was kept before a reload. */
  restore(state: SessionState): void;
  /** Forgets everything here; `signOut` also ends the session at the server. */
  forget(): void;
  /**
   * A token that is good for a moment yet, refreshed when needed; however many ask, one refresh is sent.
   * @returns undefined when nobody is signed in
   */
  token(): Promise<string | undefined>;
  /**
   * The next token, after `stale` was refused or is about to expire.
   * @throws AtriumError 401 when the session has ended: sign in again
   */
  refresh(stale?: string): Promise<string>;
}

/** A token with less than this left is renewed before it is sent. */
const MARGIN_MS = 30_000;

const nobody = (): AtriumError =>
  new AtriumError({ status: 401, code: 'session.none', detail: 'Nobody is signed in.' });

/**
 * Keeps the tokens of one person.
 * @param exchange sends the refresh; without a token it is in the cookie
 * @param alone runs work while no other tab does the same
 * @param changed is told of every change, with undefined when nobody is signed in any more
 */
export const createSession = (options: {
  mode: RefreshMode;
  exchange: (refreshToken: string | undefined) => Promise<Tokens>;
  alone: <T>(work: () => Promise<T>) => Promise<T>;
  now: () => number;
  changed: (state: SessionState | undefined) => void;
}): Session => {
  const { mode, exchange, alone, now, changed } = options;
  let state: SessionState | undefined;
  let refreshing: Promise<string> | undefined;

  const set = (next: SessionState | undefined): void => {
    state = next;
    changed(next);
  };
  const adopt = (tokens: Tokens): void =>
    set({
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken ?? (mode === 'body' ? state?.refreshToken : undefined),
      expiresAt: now() + tokens.expiresIn * 1000,
    });

  const renew = async (): Promise<string> => {
    const before = state;
    if (mode === 'body' && before?.refreshToken === undefined) throw nobody();
    try {
      const tokens = await alone(() => exchange(before?.refreshToken));
      // Somebody signed in or out meanwhile: their answer is newer than this one.
      if (state !== before) {
        if (state) return state.accessToken;
        throw nobody();
      }
      adopt(tokens);
      return tokens.accessToken;
    } catch (error) {
      if (error instanceof AtriumError && error.status === 401 && state === before) set(undefined);
      throw error;
    }
  };
  const refresh = (stale?: string): Promise<string> => {
    if (stale !== undefined && state && state.accessToken !== stale) return Promise.resolve(state.accessToken);
    return (refreshing ??= renew().finally(() => (refreshing = undefined)));
  };

  return {
    get state() {
      return state;
    },
    adopt,
    restore: set,
    forget: () => set(undefined),
    async token() {
      if (refreshing) return refreshing;
      if (!state) return undefined;
      const { accessToken, expiresAt } = state;
      if (expiresAt - now() > MARGIN_MS) return accessToken;
      return refresh(accessToken).catch((error: unknown) => {
        // Nobody answers, but the token holds for some seconds yet.
        if (state?.accessToken === accessToken && expiresAt > now()) return accessToken;
        throw error;
      });
    },
    refresh,
  };
};
