import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { PASSWORD, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

const APP = 'https://app.example.com';
let auth: Auth;
beforeAll(async () => {
  auth = await startAuth({ CORS_ORIGINS: APP });
});
afterAll(() => auth.close());

const ask = (path: string, headers: Record<string, string>, body?: object) => {
  const call = request(auth.url).post(`/api/v1/auth${path}`).set(headers);
  return body === undefined ? call : call.send(body);
};
const page = { origin: APP, 'x-csrf': '1' };
const setCookie = (answer: { headers: Record<string, unknown> }): string =>
  ((answer.headers['set-cookie'] as string[] | undefined) ?? []).join('\n');
const cookieOf = (answer: { headers: Record<string, unknown> }): string => setCookie(answer).split(';')[0] ?? '';
const signUp = (headers: Record<string, string> = page) =>
  ask('/register?cookie=true', headers, { email: auth.newEmail(), password: PASSWORD });

describe('a refresh token in a cookie', () => {
  it('is kept from scripts and out of the body', async () => {
    const answer = await signUp();
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty('refreshToken');
    expect(setCookie(answer)).toMatch(
      /^__Host-atrium_refresh=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=60479\d$/m,
    );
  });

  it('refreshes and rotates', async () => {
    const first = cookieOf(await signUp());
    const answer = await ask('/refresh', { ...page, cookie: first });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body as object).sort()).toEqual(['accessToken', 'expiresIn']);
    expect(cookieOf(answer)).toMatch(/^__Host-atrium_refresh=[\w-]{43}$/);
    expect(cookieOf(answer)).not.toBe(first);
    expect((await ask('/refresh', { ...page, cookie: cookieOf(answer) }, {})).status).toBe(200);
  });

  it('is of no use to pages of others, and is not spent by them', async () => {
    const cookie = cookieOf(await signUp());
    const refused = [
      { cookie },
      { cookie, origin: APP },
      { cookie, origin: 'https://evil.example.com', 'x-csrf': '1' },
      { cookie, 'sec-fetch-site': 'cross-site', 'x-csrf': '1' },
    ];
    for (const headers of refused) expect((await ask('/refresh', headers)).status).toBe(403);
    expect((await signUp({ origin: 'https://evil.example.com', 'x-csrf': '1' })).status).toBe(403);
    const spent = await auth.database.query(
      `select 1 from auth.refresh_tokens t where spent_at is not null and hash = sha256($1)`,
      [Buffer.from(cookie.split('=')[1] ?? '')],
    );
    expect(spent).toEqual([]);
  });

  it('goes with the session', async () => {
    const answer = await signUp();
    const { accessToken } = answer.body as SignedIn;
    const left = await ask('/logout', { cookie: cookieOf(answer), authorization: `Bearer ${accessToken}` });
    expect(left.status).toBe(204);
    expect(setCookie(left)).toMatch(/=; .*Max-Age=0$/);
    const late = await ask('/refresh', { ...page, cookie: cookieOf(answer) });
    expect(late.body).toMatchObject({ status: 401, code: 'auth.session_ended' });
    expect(setCookie(late)).toMatch(/Max-Age=0$/);
  });

  it('is nowhere for programs', async () => {
    const answer = await ask('/register', {}, { email: auth.newEmail(), password: PASSWORD });
    expect(setCookie(answer)).toBe('');
    expect(answer.body).toHaveProperty('refreshToken');
    expect((await ask('/refresh', {}, {})).body).toMatchObject({ status: 401, code: 'auth.refresh_missing' });
  });
});
