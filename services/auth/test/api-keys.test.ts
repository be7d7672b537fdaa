import { acceptApiKeys, createKeyExchange, createKeySource, createTokenVerifier, newApiKey } from '@atrium/service-kit';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

interface Key {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
  readonly lastFour: string;
  readonly scopes: string[];
  readonly status: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly replacedBy: string | null;
}

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const create = (token: string, body: object) => auth.post('/api/v1/api-keys', body, token);
const created = async (token: string, more: object = {}): Promise<Key> => {
  const answer = await create(token, { name: 'a program', scopes: ['profile:read'], ...more });
  expect(answer.status).toBe(201);
  return answer.body as Key;
};
const list = async (token: string): Promise<Key[]> => {
  const answer = await request(auth.url).get('/api/v1/api-keys').set('authorization', `Bearer ${token}`);
  return (answer.body as { data: Key[] }).data;
};
const revoke = (token: string, id: string) =>
  request(auth.url).delete(`/api/v1/api-keys/${id}`).set('authorization', `Bearer ${token}`);
const exchange = (key: string) => auth.post('/internal/api-keys/exchange', { key });
/** How another service sees a key, with a clock of its own. */
const elsewhere = (now: () => number = Date.now) =>
  acceptApiKeys(
    createTokenVerifier(createKeySource(`${auth.url}/.well-known/jwks.json`), now),
    createKeyExchange(auth.url),
    now,
  );
/** Another member of somebody's workspace, signed in there. */
const join = async (owner: SignedIn, role: string): Promise<SignedIn> => {
  const email = auth.newEmail();
  const member = await auth.register(email);
  await auth.database.query(
    `insert into auth.members (workspace_id, user_id, role, created_at) values ($1, $2, $3, now() - interval '1 day')`,
    [owner.workspace.id, member.user.id, role],
  );
  return (await auth.login(email)).body as SignedIn;
};

describe('a new key', () => {
  it('is shown once, kept as a hash, and recognised by its ends', async () => {
    const { accessToken, user } = await auth.register(auth.newEmail());
    const made = await created(accessToken);
    expect(made.key).toMatch(/^atr_[A-Za-z0-9_-]{49}$/);
    expect(made).toMatchObject({ prefix: made.key.slice(0, 8), lastFour: made.key.slice(-4), status: 'active' });
    expect((Date.parse(made.expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(90, 1);
    const [listed, ...others] = await list(accessToken);
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ id: made.id, userId: user.id, scopes: ['profile:read'], lastUsedAt: null });
    expect(listed).not.toHaveProperty('key');
    const tables = ['api_keys', 'audit_log', 'idempotency_keys', 'outbox'];
    for (const table of tables) {
      const rows = await auth.database.query(`select t::text as row from auth.${table} t`);
      expect(JSON.stringify(rows)).not.toContain(made.key.slice(8, -4));
    }
  });

  it('does not leave its secret behind for a repeated request', async () => {
    const { accessToken } = await auth.register(auth.newEmail());
    const send = () =>
      create(accessToken, { name: 'twice', scopes: ['profile:read'] }).set('idempotency-key', 'the-same');
    const [first, second] = [await send(), await send()];
    expect((first.body as Key).key).not.toBe((second.body as Key).key);
    expect(await auth.database.query(`select 1 from auth.idempotency_keys where key = 'the-same'`)).toEqual([]);
  });

  it.each([
    ['no scopes', { scopes: [] }],
    ['an unknown scope', { scopes: ['everything:write'] }],
    ['an internal scope', { scopes: ['internal:billing.hold'] }],
    ['the right to make keys', { scopes: ['api-key:write'] }],
    ['no name', { name: ' ' }],
    ['a past expiry', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['a far expiry', { expiresAt: '2099-01-01T00:00:00Z' }],
    ['somebody else’s name on it', { userId: '01900000-0000-7000-8000-000000000001' }],
  ])('with %s is refused, and nothing is made', async (_what, change) => {
    const { accessToken } = await auth.register(auth.newEmail());
    const answer = await create(accessToken, { name: 'x', scopes: ['profile:read'], ...change });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await list(accessToken)).toEqual([]);
  });

  it('never has more than the role of its owner', async () => {
    const viewer = await join(await auth.register(auth.newEmail()), 'viewer');
    const answer = await create(viewer.accessToken, { name: 'x', scopes: ['profile:read', 'document:write'] });
    expect(answer.body).toMatchObject({ status: 422, code: 'api_key.scope_above_role' });
    expect(await list(viewer.accessToken)).toEqual([]);
  });
});

describe('a key as a bearer token', () => {
  it('opens what its scopes name, and nothing else', async () => {
    const { accessToken, user } = await auth.register(auth.newEmail());
    const { key, id } = await created(accessToken);
    const me = await auth.me(key);
    expect(me.body).toMatchObject({ user: { id: user.id } });
    for (const call of [
      request(auth.url).get('/api/v1/api-keys'),
      request(auth.url).get('/api/v1/audit-log'),
      request(auth.url).post('/api/v1/auth/logout'),
      request(auth.url)
        .post('/api/v1/api-keys')
        .send({ name: 'more', scopes: ['profile:read'] }),
      request(auth.url).delete(`/api/v1/api-keys/${id}`),
    ])
      expect((await call.set('authorization', `Bearer ${key}`)).body).toMatchObject({
        status: 403,
        code: 'access.forbidden',
      });
    const [used] = await list(accessToken);
    expect(Date.now() - Date.parse(used?.lastUsedAt ?? '')).toBeLessThan(10_000);
    const [denied] = await auth.database.query<{ credential: string }>(
      `select credential from auth.audit_log where outcome = 'denied' and user_id = $1 limit 1`,
      [user.id],
    );
    expect(denied?.credential).toBe(`key:${id}`);
  });

  it('is known to every service, with its scopes and for half a minute', async () => {
    const { accessToken, workspace, user } = await auth.register(auth.newEmail());
    const { key, id } = await created(accessToken, { scopes: ['document:write', 'document:read'] });
    const identity = await elsewhere()(key);
    const scopes = ['document:read', 'document:write'];
    expect(identity.tenant).toMatchObject({ workspaceId: workspace.id, userId: user.id, role: 'owner', scopes });
    expect(identity.keyId).toBe(id);
    expect(identity.expiresAt - Date.now()).toBeLessThanOrEqual(30_000);
  });

  it('stops everywhere within half a minute of being revoked', async () => {
    const { accessToken } = await auth.register(auth.newEmail());
    const { key, id } = await created(accessToken);
    let ahead = 0;
    const verify = elsewhere(() => Date.now() + ahead);
    await verify(key);
    expect((await revoke(accessToken, id)).status).toBe(204);
    expect((await revoke(accessToken, id)).status).toBe(204);
    expect((await exchange(key)).status).toBe(401);
    ahead = 31_000;
    await expect(verify(key)).rejects.toMatchObject({ status: 401 });
    expect((await list(accessToken)).map(({ status }) => status)).toEqual(['revoked']);
  });

  it('is refused when mangled, unknown or expired, and when its owner may no longer enter', async () => {
    const { accessToken, user } = await auth.register(auth.newEmail());
    const [one, two] = [await created(accessToken), await created(accessToken)];
    const mangled = `${one.key.slice(0, 10)}${one.key[10] === 'A' ? 'B' : 'A'}${one.key.slice(11)}`;
    for (const key of [mangled, `${one.key}x`, 'atr_', newApiKey(randomBytes(32)), '', `${one.key}'--`])
      expect([key, (await exchange(key)).status]).toEqual([key, 401]);
    expect((await auth.me(mangled)).status).toBe(401);
    await auth.database.query(`update auth.api_keys set expires_at = now() where id = $1`, [one.id]);
    expect((await exchange(one.key)).status).toBe(401);
    await auth.database.query(`update auth.users set disabled_at = now() where id = $1`, [user.id]);
    expect((await exchange(two.key)).status).toBe(401);
  });

  it('follows its owner down to a weaker role', async () => {
    const admin = await join(await auth.register(auth.newEmail()), 'admin');
    const { key } = await created(admin.accessToken, { scopes: ['audit:read'] });
    const read = () => request(auth.url).get('/api/v1/audit-log').set('authorization', `Bearer ${key}`);
    expect((await read()).status).toBe(200);
    await auth.database.query(`update auth.members set role = 'viewer' where user_id = $1`, [admin.user.id]);
    const identity = await elsewhere()(key);
    expect(identity.tenant.role).toBe('viewer');
  });
});

describe('rotating a key', () => {
  it('gives a successor, and lets the old one work for the overlap', async () => {
    const { accessToken } = await auth.register(auth.newEmail());
    const old = await created(accessToken, { scopes: ['profile:read', 'document:read'] });
    const rotate = (body: object) => auth.post(`/api/v1/api-keys/${old.id}/rotate`, body, accessToken);
    const answer = await rotate({ overlapSeconds: 60 });
    expect(answer.status).toBe(201);
    const next = answer.body as Key;
    expect(next.scopes).toEqual(old.scopes);
    for (const { key } of [old, next]) expect((await exchange(key)).status).toBe(200);
    const before = (await list(accessToken)).find(({ id }) => id === old.id);
    expect(before?.replacedBy).toBe(next.id);
    expect(Date.parse(before?.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(60_000);
    expect((await rotate({})).body).toMatchObject({ status: 409, code: 'api_key.ended' });
    await auth.database.query(`update auth.api_keys set expires_at = now() where id = $1`, [old.id]);
    expect((await exchange(old.key)).status).toBe(401);
    expect((await exchange(next.key)).status).toBe(200);
  });
});

describe('keys of others', () => {
  it('are seen and ended by admins, and by nobody else; rotated by their owner alone', async () => {
    const owner = await auth.register(auth.newEmail());
    const [member, other] = [await join(owner, 'member'), await join(owner, 'member')];
    const stranger = await auth.register(auth.newEmail());
    const { id } = await created(member.accessToken);
    expect((await list(owner.accessToken)).map((key) => key.id)).toEqual([id]);
    for (const { accessToken } of [other, stranger]) {
      expect(await list(accessToken)).toEqual([]);
      expect((await revoke(accessToken, id)).status).toBe(404);
    }
    for (const { accessToken } of [owner, other, stranger])
      expect((await auth.post(`/api/v1/api-keys/${id}/rotate`, {}, accessToken)).status).toBe(404);
    expect((await list(member.accessToken))[0]?.status).toBe('active');
    expect((await revoke(owner.accessToken, id)).status).toBe(204);
  });
});
