import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD, startAuth, type Auth } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const storedHash = async (email: string): Promise<string> => {
  const [row] = await auth.database.query<{ password_hash: string }>(
    `select password_hash from auth.users where email = $1`,
    [email],
  );
  return row?.password_hash ?? '';
};

describe('new passwords', () => {
  it.each(['password1', 'iloveyou', 'QWERTYUIOP', '123456789', 'aaaaaaaaaa'])(
    'such as %s are refused with reasons, and nobody is created',
    async (password) => {
      const email = auth.newEmail();
      const answer = await auth.post('/api/v1/auth/register', { email, password });
      expect(answer.status).toBe(422);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      const { code, reasons, errors } = answer.body as { code: string; reasons: string[]; errors: { path: string }[] };
      expect(code).toBe('auth.weak_password');
      expect(reasons.length).toBeGreaterThan(0);
      expect(errors.map(({ path }) => path)).toEqual(reasons.map(() => 'body.password'));
      expect(await storedHash(email)).toBe('');
    },
  );

  it('are used to the last of 128 characters', async () => {
    const [email, password] = [auth.newEmail(), `${'correct horse battery '.repeat(6)}`.slice(0, 127) + 'é'];
    expect((await auth.post('/api/v1/auth/register', { email, password })).status).toBe(201);
    expect((await auth.login(email, password)).status).toBe(200);
    expect((await auth.login(email, `${password.slice(0, -1)}e`)).status).toBe(401);
  });
});

describe('stored hashes', () => {
  it('of a lower cost are made anew at the next sign-in, and only by the right password', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    const cheap = await hash(PASSWORD, { algorithm: 2, memoryCost: 4_096, timeCost: 3, parallelism: 1 });
    await auth.database.query(`update auth.users set password_hash = $2 where email = $1`, [email, cheap]);
    expect((await auth.login(email, 'another pass phrase')).status).toBe(401);
    expect(await storedHash(email)).toBe(cheap);
    expect((await auth.login(email)).status).toBe(200);
    const upgraded = await storedHash(email);
    expect(upgraded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await auth.login(email)).status).toBe(200);
    expect(await storedHash(email)).toBe(upgraded);
  });
});
