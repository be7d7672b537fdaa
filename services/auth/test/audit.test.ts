import { verifyAudit } from '@atrium/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import request from 'supertest';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

interface Row {
  operation: string;
  outcome: string;
  code: string | null;
  target: string | null;
  user_id: string | null;
  credential: string | null;
  user_agent: string | null;
  ip: string | null;
  request_id: string;
}

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const logOf = (workspaceId: string): Promise<Row[]> =>
  auth.database.query<Row & Record<string, unknown>>(
    `select operation, outcome, code, target, user_id, credential, user_agent, host(ip) as ip, request_id
     from auth.audit_log where workspace_id = $1 order by sequence`,
    [workspaceId],
  );
const verify = () => verifyAudit({ adminUrl: auth.database.adminUrl, schemas: ['auth', 'public'] });
const read = (token: string, query = '') =>
  request(auth.url).get(`/api/v1/audit-log${query}`).set('authorization', `Bearer ${token}`);
const short = (rows: Row[]) => rows.map(({ operation, outcome, code }) => [operation, outcome, code]);

/** Four records: registered, signed in wrongly, signed in, and another session that ended. */
const fill = async (): Promise<SignedIn & { email: string }> => {
  const email = auth.newEmail();
  const signedIn = await auth.register(email);
  await auth.login(email, 'not the password');
  const again = await auth.login(email);
  await auth.logout((again.body as SignedIn).accessToken);
  return { ...signedIn, email };
};

describe('operations', () => {
  it('leave exactly one record each, with who, what, where and how it ended', async () => {
    const { user, workspace } = await fill();
    const rows = await logOf(workspace.id);
    expect(short(rows)).toEqual([
      ['register', 'ok', null],
      ['login', 'denied', 'auth.invalid_credentials'],
      ['login', 'ok', null],
      ['logout', 'ok', null],
    ]);
    for (const row of rows) expect(row).toMatchObject({ user_id: user.id, user_agent: 'a test', ip: '127.0.0.1' });
    expect(rows[3]?.credential).toBe(`session:${rows[2]?.target ?? ''}`);
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(4);
  });

  it('of refreshing leave a record when a token comes back, and none when all is well', async () => {
    const { workspace, refreshToken } = await auth.register(auth.newEmail());
    const next = (await auth.refresh(refreshToken)).body as SignedIn;
    expect(await logOf(workspace.id)).toHaveLength(1);
    await auth.database.query(
      `update auth.refresh_tokens set spent_at = spent_at - interval '1 minute' where spent_at is not null`,
    );
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ code: 'auth.refresh_reused' });
    expect((await auth.refresh(next.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect(short(await logOf(workspace.id)).slice(1)).toEqual([
      ['refreshSession', 'denied', 'auth.refresh_reused'],
      ['refreshSession', 'denied', 'auth.session_ended'],
    ]);
  });

  it('that are refused to a role leave a record, reading too', async () => {
    const { user, workspace, email } = await fill();
    await auth.database.query(`update auth.members set role = 'viewer' where user_id = $1`, [user.id]);
    const again = await auth.login(email);
    expect((await read((again.body as SignedIn).accessToken)).status).toBe(403);
    expect(short(await logOf(workspace.id)).at(-1)).toEqual(['listAuditLog', 'denied', 'access.forbidden']);
  });

  it('that never were leave none: what is malformed changes nothing', async () => {
    const { workspace, email } = await fill();
    expect((await auth.post('/api/v1/auth/login', { email, password: 'x', role: 'owner' })).status).toBe(422);
    expect(await logOf(workspace.id)).toHaveLength(4);
  });
});

describe('GET /audit-log', () => {
  it('pages from the newest, and filters by actor, operation and time', async () => {
    const { accessToken, user } = await fill();
    const first = await read(accessToken, '?limit=3');
    const { data, page } = first.body as { data: { sequence: number }[]; page: { nextCursor: string } };
    expect(data.map(({ sequence }) => sequence)).toEqual([4, 3, 2]);
    const second = await read(accessToken, `?limit=3&cursor=${page.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ sequence: 1 }], page: { nextCursor: null, hasMore: false } });
    const count = async (query: string): Promise<number> => {
      const found = await read(accessToken, query);
      return (found.body as { data: unknown[] }).data.length;
    };
    expect(await count('?operation=login')).toBe(2);
    expect(await count(`?actor=${user.id}`)).toBe(4);
    expect(await count('?actor=01900000-0000-7000-8000-000000000009')).toBe(0);
    expect(await count(`?from=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toBe(0);
    expect(await count(`?to=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toBe(4);
  });

  it('shows one workspace only, and refuses what it does not know', async () => {
    const [one, two] = [await fill(), await fill()];
    const all = await read(one.accessToken, '?limit=100');
    expect(all.status).toBe(200);
    expect(JSON.stringify(all.body)).not.toContain(two.user.id);
    for (const query of ['?cursor=nonsense', '?actor=1', '?from=yesterday', '?workspaceId=x', '?operation=a%20b'])
      expect([query, (await read(one.accessToken, query)).status]).toEqual([query, 422]);
    expect((await request(auth.url).get('/api/v1/audit-log')).status).toBe(401);
  });
});

describe('the log', () => {
  it("can only be added to by the service's role, which does not choose the place", async () => {
    const { workspace } = await fill();
    const own = new DataSource({
      type: 'postgres',
      url: auth.database.urlOf('auth'),
      installExtensions: false,
      extra: { options: '-c search_path=auth' },
    });
    await own.initialize();
    const as = (sql: string) =>
      own.transaction(async (manager) => {
        await manager.query(`select set_config('app.workspace_id', $1, true)`, [workspace.id]);
        return manager.query<{ sequence: string }[]>(sql);
      });
    for (const sql of [
      `update audit_log set outcome = 'ok'`,
      `delete from audit_log`,
      `truncate audit_log`,
      `select * from audit_heads`,
      `update audit_heads set sequence = 1`,
      `alter table audit_log disable trigger all`,
    ])
      await expect(as(sql)).rejects.toThrow(/permission denied|must be owner/);
    const [row] = await as(
      `insert into audit_log (workspace_id, sequence, id, at, operation, outcome, request_id, details, previous_hash, hash)
       values ('${workspace.id}', 900, gen_random_uuid(), now(), 'x', 'ok', 'r', '{}', '\\x00', '\\x00') returning sequence`,
    );
    expect(row?.sequence).toBe('5');
    await own.destroy();
    await expect(auth.database.query('update auth.audit_log set code = null')).rejects.toThrow(/append-only/);
    await expect(auth.database.query('truncate auth.audit_log')).rejects.toThrow(/append-only/);
  });

  it('keeps its chain when twenty things happen at once', async () => {
    const { email, workspace } = await fill();
    await Promise.all(Array.from({ length: 8 }, () => auth.login(email)));
    expect(await logOf(workspace.id)).toHaveLength(12);
    expect((await verify()).breaks).toEqual([]);
  });

  it.each([
    ['edited', `update auth.audit_log set outcome = 'ok' where sequence = 2 and workspace_id = $1`, 2, 'changed'],
    [
      're-dated',
      `update auth.audit_log set at = at + interval '1 us' where sequence = 3 and workspace_id = $1`,
      3,
      'changed',
    ],
    ['deleted', `delete from auth.audit_log where sequence = 2 and workspace_id = $1`, 3, 'missing'],
    ['cut off', `delete from auth.audit_log where sequence = 4 and workspace_id = $1`, 4, 'cut_off'],
    ['emptied', `delete from auth.audit_log where workspace_id = $1`, 1, 'cut_off'],
    [
      'reordered',
      `update auth.audit_log l set sequence = -o.sequence from auth.audit_log o
       where o.workspace_id = l.workspace_id and l.workspace_id = $1 and l.sequence + o.sequence = 5
         and l.sequence in (2, 3)`,
      2,
      'changed',
    ],
  ])('that an administrator has %s is found at its first break', async (_how, sql, sequence, problem) => {
    const { workspace } = await fill();
    const { breaks: before } = await verify();
    await auth.database.query(`alter table auth.audit_log disable trigger user`);
    await auth.database.query(sql, [workspace.id]);
    await auth.database.query(`update auth.audit_log set sequence = -sequence where sequence < 0`);
    await auth.database.query(`alter table auth.audit_log enable trigger user`);
    const { breaks } = await verify();
    const known = new Set(before.map(({ workspaceId }) => workspaceId));
    expect(breaks.filter(({ workspaceId }) => !known.has(workspaceId))).toEqual([
      { schema: 'auth', workspaceId: workspace.id, sequence, problem },
    ]);
  });
});
