import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service as authService } from '@atrium/auth';
import { service as calendarService } from '@atrium/calendar';
import { startFakeGoogle, startServiceUnderTest, type FakeGoogle, type ServiceUnderTest } from '@atrium/testing';

let google: FakeGoogle;
let auth: ServiceUnderTest;
let calendar: ServiceUnderTest;
beforeAll(async () => {
  google = await startFakeGoogle('http://app.test/api/v1/auth/google/callback');
  const DATA_KEYS = `1:${randomBytes(32).toString('base64')}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authPort = 20_000 + Math.floor(Math.random() * 10_000);
  calendar = await startServiceUnderTest(calendarService, { DATA_KEYS, AUTH_URL: `http://127.0.0.1:${authPort}` });
  auth = await startServiceUnderTest(authService, {
    ...google.settings,
    DATA_KEYS,
    PORT: String(authPort),
    CALENDAR_URL: calendar.url,
    JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    SERVICE_SECRETS: '{}',
  });
});
afterAll(async () => {
  await Promise.all([auth.close(), calendar.close(), google.close()]);
});

const api = (service: ServiceUnderTest, path: string, init: RequestInit = {}) =>
  fetch(`${service.url}/api/v1${path}`, { redirect: 'manual', ...init });
const signUp = async () => {
  const email = `u-${randomBytes(6).toString('hex')}@example.com`;
  const answer = await api(auth, '/auth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'a long pass phrase' }),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  google.account = { sub: email, email, email_verified: true };
  return { email, authorization: `Bearer ${accessToken}` };
};
/** A browser that allows the calendar at Google. @returns what comes back */
const allow = async (authorization: string): Promise<Response> => {
  const headers = { authorization, accept: 'application/json' };
  const begun = await api(auth, '/auth/google?purpose=calendar', { headers });
  const { url } = (await begun.json()) as { url: string };
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const there = await fetch(url, { redirect: 'manual' });
  const { search } = new URL(there.headers.get('location') ?? '');
  return api(auth, `/auth/google/callback${search}`, { headers: { cookie } });
};
const connected = async (authorization: string) =>
  (
    (await (await api(calendar, '/me/calendar/integrations', { headers: { authorization } })).json()) as {
      data: object[];
    }
  ).data;

describe('allowing the calendar at Google', () => {
  it('goes from auth to calendar, and is seen by its owner only', async () => {
    const [mine, other] = [await signUp(), await signUp()];
    google.account = { sub: mine.email, email: mine.email, email_verified: true };
    expect(await (await allow(mine.authorization)).json()).toEqual({ connected: 'calendar' });
    expect(await connected(mine.authorization)).toMatchObject([{ provider: 'google', account: mine.email }]);
    expect(await connected(other.authorization)).toEqual([]);
  });

  it('is one grant when many first ones come at once', async () => {
    const { authorization } = await signUp();
    const answers = await Promise.all(Array.from({ length: 6 }, () => allow(authorization)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await connected(authorization)).toHaveLength(1);
  });
});
