import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFakeGoogle, type FakeGoogle } from '@atrium/testing';
import request from 'supertest';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { bytesOf, codeAt, mfaPath } from './fixtures/mfa.fixture.ts';

const APP = 'https://app.example.com';
const page = { origin: APP, 'x-csrf': '1' };
let auth: Auth;
let google: FakeGoogle;
beforeAll(async () => {
  google = await startFakeGoogle('http://app.test/api/v1/auth/google/callback');
  auth = await startAuth({ ...google.settings, APP_URL: APP, CORS_ORIGINS: 'https://other.example.com' });
});
afterAll(async () => {
  await Promise.all([auth.close(), google.close()]);
});

const begin = (returnTo: string) =>
  request(auth.url)
    .get(`/api/v1/auth/google?return_to=${encodeURIComponent(returnTo)}`)
    .set('accept', 'text/html');
const cookiesOf = (answer: { headers: Record<string, unknown> }): string[] =>
  (answer.headers['set-cookie'] as string[] | undefined) ?? [];
/** A browser that goes to Google and comes back. */
const visit = async (returnTo?: string) => {
  const path = `/api/v1/auth/google${returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`}`;
  const begun = await request(auth.url).get(path).set('accept', 'text/html');
  const cookie = cookiesOf(begun)
    .map((line) => line.split(';')[0])
    .join('; ');
  const there = await fetch(begun.headers['location'] ?? '', { redirect: 'manual' });
  const { search } = new URL(there.headers.get('location') ?? '');
  return request(auth.url).get(`/api/v1/auth/google/callback${search}`).set('cookie', cookie).redirects(0);
};
const cookieNamed = (answer: { headers: Record<string, unknown> }, name: string): string =>
  cookiesOf(answer).find((line) => line.startsWith(`${name}=`)) ?? '';
const be = (email: string) => {
  google.account = { sub: email, email, email_verified: true, name: 'Somebody' };
};

describe('a browser that comes back from Google', () => {
  it.each(['/welcome?x=1#top', `${APP}/welcome`, 'https://other.example.com/in'])(
    'goes on to %s, signed in by its cookie alone',
    async (returnTo) => {
      be(auth.newEmail());
      const answer = await visit(returnTo);
      expect(answer.status).toBe(303);
      expect(answer.headers['location']).toBe(new URL(returnTo, APP).href);
      expect(answer.text).not.toMatch(/eyJ/);
      const kept = cookieNamed(answer, '__Host-atrium_refresh');
      expect(kept).toMatch(/HttpOnly; Secure; SameSite=Strict/);
      const refreshed = await request(auth.url)
        .post('/api/v1/auth/refresh')
        .set({ ...page, origin: 'https://other.example.com', cookie: kept.split(';')[0] ?? '' });
      expect(refreshed.status).toBe(200);
    },
  );

  it.each([
    'https://evil.test/',
    '//evil.test/',
    '/\\evil.test',
    `${APP}.evil.test/`,
    `${APP}@evil.test/`,
    'https://user:pw@app.example.com/',
    'http://app.example.com/',
    'https://app.example.com:444/',
    'javascript:alert(1)',
    'data:text/html,x',
    '\thttps://evil.test',
    'https://evil.test/?x=https://app.example.com',
  ])('is not sent to %j', async (returnTo) => {
    const answer = await begin(returnTo);
    expect(answer.body).toMatchObject({ status: 422, code: 'auth.return_refused' });
    expect(answer.get('set-cookie')).toBeUndefined();
  });

  it('learns of a refusal from the address', async () => {
    google.account = { sub: 'x', email: auth.newEmail(), email_verified: false };
    const answer = await visit('/welcome');
    expect(answer.headers['location']).toBe(`${APP}/welcome?auth_error=auth.google_email_unverified`);
    expect(cookieNamed(answer, '__Host-atrium_refresh')).toBe('');
  });
});

describe('a second factor after Google', () => {
  const enrolled = async () => {
    const email = auth.newEmail();
    be(email);
    const first = (await visit()).body as SignedIn;
    const begun = await auth.post(mfaPath('mfa/totp'), {}, first.accessToken);
    const { secret } = begun.body as { secret: string };
    const key = bytesOf(secret);
    await auth.post(mfaPath('mfa/totp/confirm'), { code: codeAt(key, -1) }, first.accessToken);
    return { ...first, key };
  };

  it('is asked of programs with a token in the answer', async () => {
    const { key, user } = await enrolled();
    const answer = await visit();
    expect(answer.body).toMatchObject({ status: 401, code: 'auth.mfa_required' });
    const { mfaToken } = answer.body as { mfaToken: string };
    const second = await auth.post(mfaPath('mfa/verify'), { mfaToken, code: codeAt(key) });
    expect((second.body as SignedIn).user.id).toBe(user.id);
  });

  it('is asked of browsers with a cookie that only our pages use', async () => {
    const { key } = await enrolled();
    const answer = await visit('/welcome');
    expect(answer.headers['location']).toBe(`${APP}/welcome?auth=mfa_required`);
    expect(cookieNamed(answer, '__Host-atrium_refresh')).toBe('');
    const ticket = cookieNamed(answer, '__Host-atrium_mfa');
    expect(ticket).toMatch(/^__Host-atrium_mfa=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=300$/);
    const cookie = ticket.split(';')[0] ?? '';
    const verify = (headers: Record<string, string>) =>
      request(auth.url)
        .post(mfaPath('mfa/verify?cookie=true'))
        .set(headers)
        .send({ code: codeAt(key) });
    expect((await verify({ cookie, origin: 'https://evil.test', 'x-csrf': '1' })).status).toBe(403);
    expect((await verify({ ...page, origin: 'https://other.example.com' })).body).toMatchObject({
      code: 'auth.mfa_token_unknown',
    });
    const entered = await verify({ cookie, 'x-csrf': '1', origin: 'https://other.example.com' });
    expect(entered.status).toBe(200);
    expect(cookieNamed(entered, '__Host-atrium_refresh')).not.toBe('');
    expect(cookieNamed(entered, '__Host-atrium_mfa')).toMatch(/Max-Age=0$/);
  });
});
