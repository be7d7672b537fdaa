import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@atrium/service-kit';
import { service } from '../src/service.ts';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';

const LIMITS = { LOGIN_ATTEMPTS_PER_ACCOUNT: '3', LOGIN_ATTEMPTS_PER_ADDRESS: '6' };
let auth: Auth;
beforeAll(async () => {
  auth = await startAuth(LIMITS);
});
afterAll(() => auth.close());

const from = (address: string, email: string, password: string) =>
  auth.post('/api/v1/auth/login', { email, password }).set('x-forwarded-for', address);
const guess = async (email: string, address: string, times: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let at = 0; at < times; at += 1) statuses.push((await from(address, email, 'wrong')).status);
  return statuses;
};

describe('guessing passwords', () => {
  it('is stopped for an account, wherever it comes from, known or not', async () => {
    const known = auth.newEmail();
    await auth.register(known);
    for (const email of [known, auth.newEmail()]) {
      const statuses = [];
      for (let at = 1; at <= 4; at += 1) statuses.push((await from(`203.0.113.${at}`, email, 'wrong')).status);
      expect(statuses).toEqual([401, 401, 401, 429]);
    }
    const refused = await from('203.0.113.77', known, 'a long pass phrase');
    expect(refused.body).toMatchObject({ status: 429, code: 'auth.too_many_attempts' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
  });

  it('is stopped for an address, over all accounts', async () => {
    for (let at = 0; at < 3; at += 1) expect(await guess(auth.newEmail(), '198.51.100.7', 2)).toEqual([401, 401]);
    expect(await guess(auth.newEmail(), '198.51.100.7', 1)).toEqual([429]);
    expect(await guess(auth.newEmail(), '198.51.100.8', 1)).toEqual([401]);
  });

  it('is counted by all replicas together, and leaves no address of a person in Redis', async () => {
    const email = auth.newEmail();
    const replica = await auth.startAgain();
    expect(await guess(email, '192.0.2.1', 3)).toEqual([401, 401, 401]);
    const answer = await fetch(`${replica.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'wrong' }),
    });
    expect(answer.status).toBe(429);
    const keys = await auth.redis.keys(`${auth.prefix}:attempts:*`);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => key.includes('@'))).toEqual([]);
  });

  it('is stopped while Redis is away, and people still get in', async () => {
    const alone = await startAuth({ ...LIMITS, REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      const email = alone.newEmail();
      await alone.register(email);
      expect((await alone.login(email)).status).toBe(200);
      const statuses = [];
      for (let at = 0; at < 4; at += 1) statuses.push((await alone.login(email, 'wrong')).status);
      expect(statuses).toEqual([401, 401, 401, 429]);
    } finally {
      await alone.close();
    }
  });
});

describe('a rush', () => {
  it('is answered: some wait, the rest are told to come again', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        auth.post('/api/v1/auth/register', { email: `rush-${at}-${email}`, password: 'a long pass phrase' }),
      ),
    );
    const busy = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 201).length + busy.length).toBe(60);
    for (const { body, headers } of busy) {
      expect(body).toMatchObject({ code: 'auth.busy' });
      expect(headers['retry-after']).toBe('1');
    }
    expect((await auth.login(email)).status).toBe(200);
  });

  it('is bounded by settings, and those who are refused have used up no attempt', async () => {
    const narrow = await startAuth({
      LOGIN_ATTEMPTS_PER_ACCOUNT: '20',
      PASSWORDS_AT_ONCE: '1',
      PASSWORDS_WAITING: '1',
    });
    try {
      const email = narrow.newEmail();
      await narrow.register(email);
      const answers = await Promise.all(Array.from({ length: 20 }, () => narrow.login(email, 'wrong')));
      const busy = answers.filter(({ status }) => status === 503);
      expect(answers.filter(({ status }) => status === 401).length).toBe(20 - busy.length);
      expect(busy.length).toBeGreaterThan(0);
      for (const { headers } of busy) expect(headers['retry-after']).toBe('1');
      expect((await narrow.login(email)).status).toBe(200);
    } finally {
      await narrow.close();
    }
  });
});

describe('settings', () => {
  it('are all checked at once, without repeating a secret', async () => {
    const start = service.start({
      PORT: '0',
      DATABASE_URL: auth.database.urlOf('auth'),
      REDIS_URL: 'redis://127.0.0.1:1',
      JWT_PRIVATE_KEY: 'very secret',
      SERVICE_SECRETS: '{"billing":"short"}',
    });
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow(/JWT_PRIVATE_KEY[\s\S]*SERVICE_SECRETS/);
    await expect(start).rejects.not.toThrow(/very secret|short"/);
  });
});
