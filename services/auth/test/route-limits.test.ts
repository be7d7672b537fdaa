import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fullPath } from '@atrium/service-kit';
import { routeLimits, unlimitedRoutes } from '../src/attempts/route.limits.ts';
import { erasureRoutes } from '../src/erasure/erasure.routes.ts';
import { authRoutes } from '../src/routes.ts';
import { PASSWORD, startAuth, type Auth } from './fixtures/auth.fixture.ts';

const LIMIT = 4;
let auth: Auth;
beforeAll(async () => {
  auth = await startAuth({
    ...{ LOGIN_ATTEMPTS_PER_ADDRESS: String(LIMIT), MAILS_PER_ADDRESS: String(LIMIT) },
    ...{ REGISTRATIONS_PER_ADDRESS: String(LIMIT), PUBLIC_CALLS_PER_ADDRESS: String(LIMIT) },
    REGISTRATIONS_PER_ACCOUNT: '3',
    GOOGLE_CLIENT_ID: 'id',
    GOOGLE_CLIENT_SECRET: 'only-in-tests',
    GOOGLE_CALLBACK_URL: 'http://127.0.0.1:8000/api/v1/auth/google/callback',
  });
});
afterAll(() => auth.close());

const challenge = Buffer.from(
  JSON.stringify({ type: 'webauthn.get', challenge: 'bm9uZQ', origin: 'http://localhost:8000' }),
).toString('base64url');
const assertion = {
  id: 'bm9uZQ',
  rawId: 'bm9uZQ',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: challenge, authenticatorData: 'bm9uZQ', signature: 'bm9uZQ' },
};
const mfaToken = 'made-up'.repeat(5);
/** What an attacker would send to each, as often as they like; each time another guess where a guess is asked. */
const sent: Readonly<Record<string, (at: number) => object | undefined>> = {
  register: () => ({ email: auth.newEmail(), password: PASSWORD }),
  login: () => ({ email: auth.newEmail(), password: 'wrong' }),
  refreshSession: (at) => ({ refreshToken: `${at}`.padEnd(43, 'a') }),
  verifyEmail: (at) => ({ token: `guess-${at}` }),
  resetPassword: (at) => ({ token: `guess-${at}`, password: PASSWORD }),
  resendVerification: () => ({ email: auth.newEmail() }),
  forgotPassword: () => ({ email: auth.newEmail() }),
  verifyMfa: () => ({ mfaToken, code: '123456' }),
  beginPasskeySignIn: () => ({}),
  signInWithPasskey: () => ({ response: assertion }),
  beginPasskeyMfa: () => ({ mfaToken }),
  verifyPasskeyMfa: () => ({ mfaToken, response: assertion }),
  beginGoogle: () => undefined,
  finishGoogle: () => undefined,
  acceptInvitation: (at) => ({ token: `guess-${at}` }),
  exchangeApiKey: (at) => ({ key: `guess-${at}` }),
  exchangeToken: (at) => ({
    ...{ service: 'billing', secret: `guess-${at}`.padEnd(20, 'x') },
    ...{ userId: '01a1fe4c-d6c4-71fe-9e19-f5ea59ab0ca8', workspaceId: '01a1fe4c-d6c4-71fe-9e19-f5ea59ab0ca8' },
  }),
};

/** Stands for features that nothing calls. */
const inert: unknown = new Proxy(() => undefined, { get: () => inert, apply: () => inert });
type Features = Parameters<typeof authRoutes>[0];
type Erasure = Parameters<typeof erasureRoutes>[0];
const limitedOnes = authRoutes(inert as Features, erasureRoutes(inert as Erasure))
  .filter(
    ({ id, method, permission }) => (permission === 'public' && method !== 'get') || Object.hasOwn(routeLimits, id),
  )
  .map((one) => ({ id: one.id, method: one.method, path: fullPath(one) }));

describe('the routes that need no token', () => {
  it('are all found', () => {
    expect(limitedOnes.length).toBe(Object.keys(routeLimits).length);
    expect(limitedOnes.map(({ id }) => id).sort()).toEqual(Object.keys(sent).sort());
  });

  it('keep auth from starting when one has no limit', () => {
    const added = [{ id: 'brandNew', method: 'post', permission: 'public' } as const];
    expect(unlimitedRoutes(added)).toEqual(['brandNew']);
  });

  it.each(limitedOnes)('$id is limited for a network, and for no other', async ({ id, method, path }) => {
    const token = id === 'acceptInvitation' ? await accessToken() : undefined;
    const call = (address: string, at: number) =>
      fetch(`${auth.url}${path}${id === 'finishGoogle' ? '?state=made-up&code=x' : ''}`, {
        method: method.toUpperCase(),
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': address,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(method === 'get' ? {} : { body: JSON.stringify(sent[id]?.(at)) }),
      });
    const network = `2001:db8:${(limitedOnes.findIndex((one) => one.id === id) + 16).toString(16)}`;
    const answers: Response[] = [];
    // While Redis is slow the process counts, so a busy machine may give twice as many.
    while (answers.at(-1)?.status !== 429 && answers.length <= 2 * LIMIT)
      answers.push(await call(`${network}:0::${answers.length + 1}`, answers.length));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, LIMIT).filter((status) => status === 429 || status === 422 || status >= 500)).toEqual([]);
    expect(statuses.at(-1)).toBe(429);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call(`${network}:1::1`, 99)).status).toBe(statuses[0]);
  });

  it('let the right secret pass from a network that sent many wrong ones', async () => {
    const { refreshToken } = await signUp('198.51.100.77');
    const refresh = (secret: string) =>
      auth.post('/api/v1/auth/refresh', { refreshToken: secret }).set('x-forwarded-for', '198.51.100.78');
    for (let at = 0; at < LIMIT + 2; at += 1) await refresh(`${at}`.padEnd(43, 'b'));
    expect((await refresh('c'.repeat(43))).status).toBe(429);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it('take an address for a new account a few times only, wherever it comes from', async () => {
    const email = auth.newEmail();
    const statuses: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      const call = auth.post('/api/v1/auth/register', { email, password: PASSWORD });
      statuses.push((await call.set('x-forwarded-for', `203.0.113.${at}`)).status);
    }
    expect(statuses).toEqual([201, 409, 409, 429]);
  });
});

const signUp = async (address: string) => {
  const call = auth.post('/api/v1/auth/register', { email: auth.newEmail(), password: PASSWORD });
  return (await call.set('x-forwarded-for', address)).body as { accessToken: string; refreshToken: string };
};
const accessToken = async () => (await signUp('198.51.100.79')).accessToken;
