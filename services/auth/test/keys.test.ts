import { createKeySource, createTokenVerifier } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { PASSWORD, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { service } from '../src/service.ts';

let auth: Auth;
beforeEach(async () => {
  auth = await startAuth();
});
afterEach(() => auth.close());

const rotate = (more: NodeJS.ProcessEnv = {}): Promise<string> | undefined =>
  service.tasks['keys rotate']?.({
    ...auth.settings,
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: auth.database.urlOf('auth'),
    REDIS_URL: 'redis://127.0.0.1:1',
    ...more,
  });
const kidsAt = async (url: string): Promise<string[]> => {
  const answer = await request(url).get('/.well-known/jwks.json');
  return (answer.body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};
const kidOf = (token: string): string | undefined => jwt.decode(token, { complete: true })?.header.kid;
/** Lets the new key's time come. */
const activate = () =>
  auth.database.query(`update auth.signing_keys set activates_at = now() where retires_at is null`);

describe('rotating keys', () => {
  it('publishes the new key at every auth before it signs, and honours the old one', async () => {
    const replica = await auth.startAgain();
    const before = await auth.register(auth.newEmail());
    const [old = ''] = await kidsAt(auth.url);
    const said = await rotate();
    const [{ kid } = { kid: '' }] = await auth.database.query<{ kid: string }>(
      `select kid from auth.signing_keys where retires_at is null`,
    );
    expect(said).toContain(kid);
    for (const url of [auth.url, replica.url])
      await eventually(async () => (await kidsAt(url)).join() === [old, kid].join(), 5_000);
    expect(kidOf((await auth.register(auth.newEmail())).accessToken)).toBe(old);

    await activate();
    const after = await eventually(async () => {
      const signedIn = await auth.register(auth.newEmail());
      return kidOf(signedIn.accessToken) === kid && signedIn;
    }, 5_000);
    for (const url of [auth.url, replica.url])
      for (const { accessToken, user } of [before, after]) {
        const verify = createTokenVerifier(createKeySource(`${url}/.well-known/jwks.json`));
        expect((await verify(accessToken)).tenant.userId).toBe(user.id);
        const me = await request(url).get('/api/v1/auth/me').set('authorization', `Bearer ${accessToken}`);
        expect(me.status).toBe(200);
      }
  });

  it('stops honouring the old key a quarter of an hour after it last signed', async () => {
    const { accessToken } = await auth.register(auth.newEmail());
    const [old = ''] = await kidsAt(auth.url);
    await rotate();
    const [row] = await auth.database.query<{ ms: number }>(
      `select extract(epoch from o.retires_at - n.activates_at)::int * 1000 as ms
       from auth.signing_keys o, auth.signing_keys n where o.retires_at is not null and n.retires_at is null`,
    );
    expect(row?.ms).toBe(16 * 60_000);
    await auth.database.query(
      `update auth.signing_keys set activates_at = now() - interval '2 s', retires_at = now() - interval '1 s'
       where retires_at is not null`,
    );
    await activate();
    await eventually(async () => !(await kidsAt(auth.url)).includes(old), 5_000);
    const verify = createTokenVerifier(createKeySource(`${auth.url}/.well-known/jwks.json`));
    await expect(verify(accessToken)).rejects.toMatchObject({ code: 'token.invalid' });
    await rotate();
    expect(await auth.database.query('select 1 from auth.signing_keys')).toHaveLength(2);
  });

  it('happens in order when several operators rotate at once, and leaves a record each', async () => {
    await Promise.all([rotate(), rotate(), rotate()]);
    const open = await auth.database.query('select 1 from auth.signing_keys where retires_at is null');
    expect(open).toHaveLength(1);
    expect(await auth.database.query('select 1 from auth.signing_keys')).toHaveLength(4);
    const records = await auth.database.query(
      `select 1 from auth.audit_log where operation = 'rotateKeys' and credential = 'operator'`,
    );
    expect(records).toHaveLength(3);
  });
});

describe('stored keys', () => {
  it('are sealed, and the first is that of the settings', async () => {
    const [row] = await auth.database.query<{ sealed: Buffer; public_key: object }>(
      `select sealed_private_key as sealed, public_key from auth.signing_keys`,
    );
    expect(row?.public_key).not.toHaveProperty('d');
    expect(row?.public_key).toMatchObject(auth.publicKey.export({ format: 'jwk' }));
    expect(row?.sealed.includes('PRIVATE KEY')).toBe(false);
  });

  it('are sealed with the newest key of the settings, and one that cannot be opened signs nothing', async () => {
    await rotate({ DATA_KEYS: `2:${Buffer.alloc(32, 2).toString('base64')},${auth.settings.DATA_KEYS}` });
    const rows = await auth.database.query<{ version: number }>(
      `select get_byte(sealed_private_key, 0) as version from auth.signing_keys order by created_at`,
    );
    expect(rows.map(({ version }) => version)).toEqual([1, 2]);
    await activate();
    const [first = '', second] = await eventually(async () => {
      const kids = await kidsAt(auth.url);
      return kids.length === 2 && kids;
    }, 5_000);
    expect(second).toBeDefined();
    expect(kidOf((await auth.register(auth.newEmail())).accessToken)).toBe(first);
  });

  it('that can no longer be opened give way to that of the settings at the next start', async () => {
    await auth.database.query(`update auth.signing_keys set sealed_private_key = set_byte(sealed_private_key, 0, 9)`);
    const again = await auth.startAgain();
    const answer = await request(again.url)
      .post('/api/v1/auth/register')
      .send({ email: auth.newEmail(), password: PASSWORD });
    expect(answer.status).toBe(201);
    expect(await kidsAt(again.url)).toEqual([kidOf((answer.body as SignedIn).accessToken)]);
  });

  it.each(['1', '1:short', '0:AAAA', `1:${'A'.repeat(43)}=,1:${'B'.repeat(43)}=`])(
    'are not encrypted with %s',
    async (DATA_KEYS) => {
      await expect(rotate({ DATA_KEYS })).rejects.toThrow(/DATA_KEYS: must be/);
    },
  );

  it('are sealed with what is made of the first key where there is nothing else', async () => {
    await rotate({ DATA_KEYS: undefined });
    const rows = await auth.database.query<{ version: number }>(
      `select get_byte(sealed_private_key, 0) as version from auth.signing_keys order by created_at`,
    );
    expect(rows.map(({ version }) => version)).toEqual([1, 0]);
  });
});
