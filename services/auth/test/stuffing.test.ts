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
