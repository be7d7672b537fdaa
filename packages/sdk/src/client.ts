import { AtriumError } from './atrium.error.ts';
import type { components } from './generated/api.ts';
import type { Args, Input, Method, PathOf, Result } from './operation.types.ts';
import { RETRY, type RetryRules } from './retry.ts';
import { createSession, type RefreshMode, type Session, type SessionState, type Tokens } from './session.ts';
import { createTransport, type Transport } from './transport.ts';

type SignedIn = components['schemas']['SignedIn'];
type Call<M extends Method> = <P extends PathOf<M>>(path: P, ...args: Args<M, P>) => Promise<Result<M, P>>;

/** Settings of a client; all but the address may be left out. */
export interface AtriumOptions {
  /** Of the gateway, such as `https://atrium.example.com`; an empty text is the page's own origin. */
  readonly baseUrl: string;
  /**
   * `cookie` (for browsers): the refresh token is in a cookie that no script can read. `body` (for programs): it is in
   * the answers, and in `session.state`. Default `body`.
   */
  readonly refresh?: RefreshMode;
  /** An API key (`atr_…`) instead of a person; there is nothing to refresh then. */
  readonly apiKey?: string;
  /** Told of every change of the session, with undefined when it has ended: show the sign-in then. */
  readonly onSession?: (state: SessionState | undefined) => void;
  readonly retry?: Partial<RetryRules>;
  /** Instead of the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/** The API, typed by its documentation. Every call throws `AtriumError` when it is refused. */
export interface Atrium {
  readonly get: Call<'get'>;
  readonly post: Call<'post'>;
  readonly put: Call<'put'>;
  readonly patch: Call<'patch'>;
  readonly delete: Call<'delete'>;
  readonly session: Session;
  readonly transport: Transport;
  /** @throws AtriumError `auth.mfa_required` with `problem.mfaToken` when a second step is asked for */
  signIn(credentials: Input<'post', '/api/v1/auth/login'>['body']): Promise<SignedIn>;
  register(person: Input<'post', '/api/v1/auth/register'>['body']): Promise<SignedIn>;
  /** After a reload of a page with the cookie. @returns false when nobody is signed in */
  resume(): Promise<boolean>;
  /** Takes the session to another workspace of the person. */
  switchWorkspace(id: string): Promise<void>;
  /** Ends the session at the server, and here in any case. */
  signOut(): Promise<void>;
}

/** A refresh by several tabs at once would be several uses of one token. */
const createAlone =
  (name: string) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    const locks = (globalThis as { navigator?: { locks?: { request?: unknown } } }).navigator?.locks as
      { request<R>(name: string, work: () => Promise<R>): Promise<R> } | undefined;
    return locks ? locks.request(name, work) : work();
  };

const fixedSession = (token: string): Session => ({
  state: undefined,
  adopt: () => undefined,
  restore: () => undefined,
  forget: () => undefined,
  token: () => Promise.resolve(token),
  // A refused key stays refused; the answer to the second attempt says why.
  refresh: () => Promise.resolve(token),
});

const readAnswer = async (response: Response): Promise<unknown> => {
  if (response.status === 204) return undefined;
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('application/json')) return response;
  const text = await response.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

/**
 * A client of one platform for one person or one API key.
 *
 * ```ts
 * const atrium = createAtrium({ baseUrl: 'https://atrium.example.com', refresh: 'cookie' });
 * await atrium.signIn({ email, password });
 * const { data } = await atrium.get('/api/v1/documents', { query: { limit: 20 } });
 * ```
 */
export const createAtrium = (options: AtriumOptions): Atrium => {
  const { refresh: mode = 'body', now = Date.now } = options;
  const cookies = mode === 'cookie' && options.apiKey === undefined;
  const transport = createTransport({
    baseUrl: options.baseUrl,
    cookies,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    retry: { ...RETRY, ...options.retry },
    now,
    random: options.random ?? Math.random,
    session: () => session,
  });
  const exchange = async (refreshToken: string | undefined): Promise<Tokens> => {
    const response = await transport.send({
      method: 'post',
      path: '/api/v1/auth/refresh',
      body: refreshToken === undefined ? {} : { refreshToken },
      anonymous: true,
    });
    return (await response.json()) as Tokens;
  };
  const session =
    options.apiKey === undefined
      ? createSession({
          mode,
          exchange,
          alone: cookies ? createAlone(`atrium-refresh ${options.baseUrl}`) : (work) => work(),
          now,
          changed: (state) => options.onSession?.(state),
        })
      : fixedSession(options.apiKey);

  const call =
    <M extends Method>(method: M): Call<M> =>
    async <P extends PathOf<M>>(path: P, ...[input]: Args<M, P>) => {
      const { path: params, ...rest } = (input ?? {}) as Omit<Parameters<Transport['send']>[0], 'path'> & {
        path?: Record<string, unknown>;
      };
      const response = await transport.send({ ...rest, method, path, params });
      return (await readAnswer(response)) as Result<M, P>;
    };
  const enter = async (path: '/api/v1/auth/login' | '/api/v1/auth/register', body: unknown): Promise<SignedIn> => {
    const query = cookies ? { cookie: 'true' } : {};
    const response = await transport.send({ method: 'post', path, query, body, anonymous: true });
    const signedIn = (await response.json()) as SignedIn;
    session.adopt(signedIn);
    return signedIn;
  };
  const post = call('post');

  return {
    get: call('get'),
    post,
    put: call('put'),
    patch: call('patch'),
    delete: call('delete'),
    session,
    transport,
    signIn: (credentials) => enter('/api/v1/auth/login', credentials),
    register: (person) => enter('/api/v1/auth/register', person),
    async resume() {
      try {
        return (await session.refresh()) !== '';
      } catch (error) {
        if (error instanceof AtriumError && error.status === 401) return false;
        throw error;
      }
    },
    async switchWorkspace(id) {
      const refreshToken = session.state?.refreshToken;
      const body = refreshToken === undefined ? {} : { refreshToken };
      session.adopt(await post('/api/v1/workspaces/{id}/switch', { path: { id }, body }));
    },
    async signOut() {
      try {
        await post('/api/v1/auth/logout');
      } finally {
        session.forget();
      }
    },
  };
};
