import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD, startAuth, type Auth } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth({ LOGIN_ATTEMPTS_PER_ACCOUNT: '3', LOGIN_ATTEMPTS_PER_ADDRESS: '50' });
});
afterAll(() => auth.close());

const from = (address: string, email: string, password: string) =>
  auth.post('/api/v1/auth/login', { email, password }).set('x-forwarded-for', address);
const stuff = async (email: string, times = 8): Promise<number[]> => {
  const statuses: number[] = [];
  for (let at = 1; at <= times; at += 1) statuses.push((await from(`203.0.113.${at}`, email, 'wrong guess')).status);
  return statuses;
};

describe('while an account is being guessed at from elsewhere', () => {
  it.each([
    ['198.51.100.4', '198.51.100.4'],
    ['2001:db8:1:2::9', '2001:db8:1:2:aaaa::1'],
  ])('its owner gets in from where they were before (%s, then %s), again and again', async (before, now) => {
    const email = auth.newEmail();
    await auth.post('/api/v1/auth/register', { email, password: PASSWORD }).set('x-forwarded-for', before);
    for (let round = 0; round < 3; round += 1) {
      const statuses = await stuff(email);
      expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(3);
      expect((await from(now, email, PASSWORD)).status).toBe(200);
    }
    // Getting in did not give the others new tries, and a right guess of theirs is refused.
    expect((await from('203.0.113.99', email, PASSWORD)).status).toBe(429);
  });

  it('the owner has no more tries there than anybody, and a neighbouring network is not known', async () => {
    const email = auth.newEmail();
    await auth.post('/api/v1/auth/register', { email, password: PASSWORD }).set('x-forwarded-for', '2001:db8:7:7::1');
    await stuff(email);
    expect((await from('2001:db8:7:8::1', email, PASSWORD)).status).toBe(429);
    const statuses: number[] = [];
    for (let at = 0; at < 4; at += 1) statuses.push((await from('2001:db8:7:7::2', email, 'wrong guess')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it('an address that nobody has looks the same', async () => {
    const [known, unknown] = [auth.newEmail(), auth.newEmail()];
    await auth.register(known);
    expect(await stuff(known, 5)).toEqual(await stuff(unknown, 5));
  });
});

describe('a device that the account was signed in to on', () => {
  const fill = async (email: string): Promise<void> => {
    for (let at = 1; at <= 8; at += 1) await from(`192.0.2.${at}`, email, 'wrong guess');
  };
  const signUp = async () => {
    const email = auth.newEmail();
    const { deviceToken } = (await auth.register(email)) as unknown as { deviceToken: string };
    return { email, deviceToken };
  };
  const on = (deviceToken: string, email: string, password: string, address: string) =>
    auth.post('/api/v1/auth/login', { email, password, deviceToken }).set('x-forwarded-for', address);

  it('lets its owner in from a network that nobody knows, again and again, and gives the others nothing', async () => {
    const { email, deviceToken } = await signUp();
    for (let round = 0; round < 3; round += 1) {
      await fill(email);
      expect((await from(`198.51.100.${round + 50}`, email, PASSWORD)).status).toBe(429);
      expect((await on(deviceToken, email, PASSWORD, `198.51.100.${round + 60}`)).status).toBe(200);
    }
    expect((await from('198.51.100.70', email, PASSWORD)).status).toBe(429);
  });

  it('has no more tries than anybody, from however many networks, and is of no use for another account', async () => {
    const [mine, other] = [await signUp(), await signUp()];
    await fill(mine.email);
    const statuses: number[] = [];
    for (let at = 0; at < 4; at += 1)
      statuses.push((await on(mine.deviceToken, mine.email, 'wrong guess', `198.51.100.${80 + at}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await on(other.deviceToken, mine.email, PASSWORD, '198.51.100.90')).status).toBe(429);
    expect((await on('made.up.token', mine.email, PASSWORD, '198.51.100.91')).status).toBe(429);
  });

  it('is kept by a browser in a cookie that no script reads', async () => {
    const { email } = await signUp();
    const entered = await auth
      .post('/api/v1/auth/login?cookie=true', { email, password: PASSWORD })
      .set({ origin: auth.url, 'x-csrf': '1' });
    expect(entered.body).not.toHaveProperty('deviceToken');
    const cookies = entered.headers['set-cookie'] as unknown as string[];
    const kept = cookies.find((one) => one.startsWith('__Host-atrium_device=')) ?? '';
    expect(kept).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=15552000$/);
    await fill(email);
    const back = await from('198.51.100.95', email, PASSWORD).set('cookie', kept.split(';')[0] ?? '');
    expect(back.status).toBe(200);
  });
});
