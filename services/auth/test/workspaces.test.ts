import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { eventsOf, someone, startTeam } from './fixtures/team.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth({ WORKSPACES_PER_OWNER: '3' });
});
afterAll(() => auth.close());

const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('workspaces', () => {
  it('are opened, listed, read and renamed by their owner', async () => {
    const ana = await someone(auth, { timeZone: 'Europe/Lisbon' });
    const made = await ana.call('post', '/workspaces', { name: ' Second ' });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    expect(made.body).toMatchObject({ name: 'Second' });
    const told = await eventsOf(auth, 'auth.workspace.created.v1', id);
    expect(told.map(({ subscriber }) => subscriber)).toEqual(['agent-orchestrator', 'billing', 'calendar']);
    expect(told[0]?.data).toEqual({ workspaceId: id, ownerId: ana.id, name: 'Second', timeZone: 'Europe/Lisbon' });

    const first = await ana.call('get', '/workspaces/?limit=1');
    const { data, page } = first.body as { data: unknown[]; page: { nextCursor: string; hasMore: boolean } };
    expect([data, page.hasMore]).toEqual([[{ id: ana.workspace.id, name: ana.workspace.name, role: 'owner' }], true]);
    const second = await ana.call('get', `/workspaces?limit=1&cursor=${page.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ id, name: 'Second', role: 'owner' }], page: { hasMore: false } });

    expect((await ana.call('get', `/workspaces/${id}`)).body).toEqual(made.body);
    const own = `/workspaces/${ana.workspace.id}`;
    expect((await ana.call('patch', own, { name: 'Renamed' })).body).toMatchObject({ name: 'Renamed' });
    expect((await ana.call('get', own)).body).toMatchObject({ name: 'Renamed' });
    // Rights are those in the workspace one is signed in to.
    expect((await ana.call('patch', `/workspaces/${id}`, { name: 'Elsewhere' })).status).toBe(404);
  });

  it('are opened once for a request that is sent twice', async () => {
    const ana = await someone(auth);
    const send = () => ana.call('post', '/workspaces', { name: 'Once' }).set('idempotency-key', 'k1');
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('have a most number, also for many at once', async () => {
    const ana = await someone(auth);
    const made = await Promise.all([1, 2, 3, 4].map((at) => ana.call('post', '/workspaces', { name: `w${at}` })));
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
  });

  it('are not there for others', async () => {
    const [ana, bea] = [await someone(auth), await someone(auth)];
    const path = `/workspaces/${bea.workspace.id}`;
    for (const [method, below, body] of [
      ['get', '', undefined],
      ['patch', '', { name: 'Mine' }],
      ['get', '/members', undefined],
      ['patch', `/members/${bea.id}`, { role: 'viewer' }],
      ['delete', `/members/${bea.id}`, undefined],
      ['post', '/leave', undefined],
      ['post', '/switch', undefined],
      ['post', '/invitations', { email: ana.email, role: 'owner' }],
      ['get', '/invitations', undefined],
      ['delete', `/invitations/${bea.id}`, undefined],
    ] as const) {
      const answer = await ana.call(method, `${path}${below}`, body);
      expect([method, below, answer.status]).toEqual([method, below, 404]);
    }
    expect((await bea.call('get', path)).body).toMatchObject({ name: bea.workspace.name });
  });

  it('take no wrong input', async () => {
    const ana = await someone(auth);
    for (const body of [{}, { name: '' }, { name: 'x'.repeat(101) }, { name: 'x', id: ana.id }])
      expect((await ana.call('post', '/workspaces', body)).status).toBe(422);
    const cursor = Buffer.from(JSON.stringify({ at: '0000-01-01', id: ana.id })).toString('base64url');
    expect((await ana.call('get', `/workspaces?cursor=${cursor}`)).body).toMatchObject({
      code: 'request.invalid_cursor',
    });
  });
});

describe('switching', () => {
  it('that is refused is on record with whoever tried, and not in the workspace they may not enter', async () => {
    const [outsider, team] = [await someone(auth), await startTeam(auth)];
    const logOf = (workspaceId: string) =>
      auth.database.query(
        `select user_id, outcome, code, target from auth.audit_log
         where workspace_id = $1 and operation = 'switchWorkspace'`,
        [workspaceId],
      );
    const before = await logOf(team.id);
    expect((await outsider.call('post', `/workspaces/${team.id}/switch`)).status).toBe(404);
    const theirs = `/workspaces/${team.id}/switch`;
    expect((await outsider.call('post', theirs, { refreshToken: 'x'.repeat(43) })).status).toBeGreaterThanOrEqual(400);
    expect(await logOf(team.id)).toEqual(before);
    const [first] = await logOf(outsider.workspace.id);
    expect(first).toEqual({ user_id: outsider.id, outcome: 'failed', code: 'workspace.not_found', target: team.id });
  });

  it('gives a pair for the other workspace in the same session, and the next refresh stays there', async () => {
    const team = await startTeam(auth);
    const viewer = await team.join('viewer');
    const before = claims(viewer.accessToken);
    expect(before).toMatchObject({ wid: team.id, role: 'viewer' });
    const refreshed = await auth.refresh(viewer.refreshToken);
    const pair = refreshed.body as SignedIn;
    expect(claims(pair.accessToken)).toMatchObject({ wid: team.id, role: 'viewer', sid: before['sid'] });

    const { data } = (await viewer.call('get', '/workspaces')).body as { data: { id: string; role: string }[] };
    const home = data.find(({ role }) => role === 'owner')?.id ?? '';
    const back = await auth.post(`/api/v1/workspaces/${home}/switch`, pair, pair.accessToken);
    expect(back.status).toBe(422);
    const { refreshToken } = pair;
    const moved = await auth.post(`/api/v1/workspaces/${home}/switch`, { refreshToken }, pair.accessToken);
    expect(moved.body).toMatchObject({ workspace: { id: home, role: 'owner' } });
    expect(claims((moved.body as SignedIn).accessToken)).toMatchObject({
      wid: home,
      role: 'owner',
      sid: before['sid'],
    });
  });

  it('without a refresh token gives none, and the one that is held stays good there', async () => {
    const ana = await someone(auth);
    const { id } = (await ana.call('post', '/workspaces', { name: 'Second' })).body as { id: string };
    const moved = await ana.call('post', `/workspaces/${id}/switch/`);
    expect(moved.status).toBe(200);
    expect(Object.keys(moved.body as object).sort()).toEqual(['accessToken', 'expiresIn', 'workspace']);
    const refreshed = await auth.refresh(ana.refreshToken);
    expect(claims((refreshed.body as SignedIn).accessToken)['wid']).toBe(id);
  });

  it('spends the refresh token by the rules of refreshing: tabs stay together, a thief ends the session', async () => {
    const ana = await someone(auth);
    const { id } = (await ana.call('post', '/workspaces', { name: 'Second' })).body as { id: string };
    const send = () => ana.call('post', `/workspaces/${id}/switch`, { refreshToken: ana.refreshToken });
    const pairs = (await Promise.all([send(), send(), send()])).map(({ body }) => (body as SignedIn).refreshToken);
    expect(new Set(pairs).size).toBe(1);
    await auth.database.query(
      `update auth.refresh_tokens set spent_at = spent_at - interval '1 minute'
       where spent_at is not null and session_id in (select id from auth.sessions where user_id = $1)`,
      [ana.id],
    );
    expect((await send()).body).toMatchObject({ status: 401, code: 'auth.refresh_reused' });
    expect((await auth.refresh(pairs[0] ?? '')).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await send()).body).toMatchObject({ code: 'token.revoked' });
  });

  it("takes nobody else's refresh token, keeps no answer, and leads nowhere one may not enter", async () => {
    const [ana, bea] = [await someone(auth), await someone(auth)];
    const own = `/workspaces/${ana.workspace.id}/switch`;
    const stolen = await ana.call('post', own, { refreshToken: bea.refreshToken });
    expect(stolen.body).toMatchObject({ status: 401, code: 'auth.refresh_unknown' });
    expect((await auth.refresh(bea.refreshToken)).status).toBe(200);
    await ana.call('post', own, {}).set('idempotency-key', 'secret');
    const kept = await auth.database.query(`select * from auth.idempotency_keys where key = 'secret'`);
    expect(kept).toEqual([]);
    const team = await startTeam(auth);
    await auth.database.query(
      `insert into auth.members (workspace_id, user_id, role, disabled_at, created_at) values ($1, $2, 'admin', now(), now())`,
      [team.id, ana.id],
    );
    expect((await ana.call('post', `/workspaces/${team.id}/switch`)).status).toBe(404);
    expect((await ana.call('get', `/workspaces/${team.id}`)).status).toBe(404);
  });
});

it('serves the permission table to everybody', async () => {
  const answer = await request(auth.url).get('/api/v1/auth/permissions/');
  expect(answer.status).toBe(200);
  const { roles, permissions } = answer.body as { roles: string[]; permissions: { name: string }[] };
  expect(roles).toEqual(['viewer', 'member', 'admin', 'owner']);
  expect(permissions).toContainEqual({ name: 'member:write', roles: ['admin', 'owner'], services: [] });
  expect(permissions).toContainEqual({
    name: 'internal:billing.hold',
    roles: [],
    services: expect.arrayContaining(['agent-orchestrator']),
  });
});
