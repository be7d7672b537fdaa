import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startAuth, PASSWORD, type Auth } from './fixtures/auth.fixture.ts';
import { codeAt, createMfaFixture, mfaPath } from './fixtures/mfa.fixture.ts';

const APP = 'https://app.example.com';
const page = { origin: APP, 'x-csrf': '1' };
let auth: Auth;
let people: ReturnType<typeof createMfaFixture>;
beforeAll(async () => {
  auth = await startAuth({ CORS_ORIGINS: APP });
  people = createMfaFixture(auth);
});
afterAll(() => auth.close());

const ask = (path: string, headers: Record<string, string>, body: object) =>
  request(auth.url).post(mfaPath(path)).set(headers).send(body);
const begin = async (email: string): Promise<string> => {
  const answer = await ask('login?cookie=true', page, { email, password: PASSWORD });
  expect(answer.status).toBe(401);
  expect(answer.headers['set-cookie']).toBeUndefined();
  return (answer.body as { mfaToken: string }).mfaToken;
};

describe('a browser that signs in with a second factor', () => {
  it('gets its refresh token in a cookie, which refreshes', async () => {
    const { user, secret } = await people.enrolled();
    const mfaToken = await begin(user.email);
    const answer = await ask('mfa/verify?cookie=true', page, { mfaToken, code: codeAt(secret) });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('refreshToken');
    const [cookie = ''] = answer.get('set-cookie') ?? [];
    expect(cookie).toMatch(
      /^__Host-atrium_refresh=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=\d+$/,
    );
    const refreshed = await ask('refresh', { ...page, cookie: cookie.split(';')[0] ?? '' }, {});
    expect(refreshed.status).toBe(200);
  });

  it('is refused from pages of others, before the code is spent', async () => {
    const { user, secret } = await people.enrolled();
    const mfaToken = await begin(user.email);
    const proof = { mfaToken, code: codeAt(secret) };
    for (const [headers, code] of [
      [{ origin: APP }, 'auth.csrf_missing'],
      [{ origin: 'https://evil.example.com', 'x-csrf': '1' }, 'auth.foreign_origin'],
      [{ 'sec-fetch-site': 'cross-site', 'x-csrf': '1' }, 'auth.foreign_origin'],
    ] as const) {
      const answer = await ask('mfa/verify?cookie=true', headers, proof);
      expect(answer.body).toMatchObject({ status: 403, code });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await ask('mfa/verify?cookie=true', page, proof)).status).toBe(200);
  });
});
