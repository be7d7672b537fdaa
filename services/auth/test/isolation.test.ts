import { findIsolationGaps } from '@atrium/service-kit';
import { createTestDatabase, type TestDatabase } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { service } from '../src/service.ts';

let database: TestDatabase;
let own: DataSource;
const [w1, w2, ana, bea] = [1, 2, 3, 4].map((at) => `01900000-0000-7000-8000-00000000000${at}`) as [
  string,
  string,
  string,
  string,
];

beforeAll(async () => {
  database = await createTestDatabase([service]);
  own = new DataSource({
    type: 'postgres',
    url: database.urlOf('auth'),
    installExtensions: false,
    extra: { options: '-c search_path=auth' },
  });
  await own.initialize();
  await database.query(
    `insert into auth.users (id, email, name, password_hash, locale, time_zone, created_at)
     values ($1, 'ana@example.com', 'Ana', '', 'en', 'UTC', now()), ($2, 'bea@example.com', 'Bea', '', 'en', 'UTC', now())`,
    [ana, bea],
  );
  await database.query(
    `insert into auth.workspaces (id, workspace_id, name, created_at) values ($1, $1, 'one', now()), ($2, $2, 'two', now())`,
    [w1, w2],
  );
  // Bea is in both workspaces, Ana in the first only.
  await database.query(
    `insert into auth.members (workspace_id, user_id, role, created_at)
     values ($1, $3, 'owner', now()), ($1, $4, 'member', now()), ($2, $4, 'owner', now())`,
    [w1, w2, ana, bea],
  );
});
afterAll(async () => {
  await own.destroy();
  await database.drop();
});

/** Runs SQL as the service's own role, in a workspace and for a user. */
const as = (workspaceId: string, userId: string, sql: string, values: unknown[] = []) =>
  own.transaction(async (manager) => {
    await manager.query(`select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true)`, [
      workspaceId,
      userId,
    ]);
    return manager.query<Record<string, unknown>[]>(sql, values);
  });

describe('the schema', () => {
  it('has no gap', async () => {
    expect(await findIsolationGaps(own, 'auth', service.shared)).toEqual([]);
  });

  it('shows no rows without a workspace', async () => {
    for (const table of ['workspaces', 'members', 'invitations', 'idempotency_keys'])
      expect(await own.query(`select * from ${table}`)).toEqual([]);
  });

  it('shows the rows of the workspace, and of a user their own memberships elsewhere', async () => {
    const workspaces = `select name from workspaces order by name`;
    const members = `select workspace_id, user_id from members order by workspace_id, user_id`;
    expect(await as(w1, ana, workspaces)).toEqual([{ name: 'one' }]);
    expect(await as('', bea, workspaces)).toEqual([{ name: 'one' }, { name: 'two' }]);
    expect(await as(w2, ana, members)).toEqual([
      { workspace_id: w1, user_id: ana },
      { workspace_id: w2, user_id: bea },
    ]);
    expect(await as('', ana, members)).toEqual([{ workspace_id: w1, user_id: ana }]);
  });

  it('lets nobody change their role or add themselves elsewhere', async () => {
    const denied = /row-level security|permission denied/;
    const promote = `update members set role = 'owner' where user_id = $1 and workspace_id = $2`;
    await expect(as(w2, bea, promote, [bea, w1])).rejects.toThrow(denied);
    const join = `insert into members (workspace_id, user_id, role, created_at) values ($1, $2, 'owner', now())`;
    await expect(as(w1, ana, join, [w2, ana])).rejects.toThrow(denied);
    const rename = `update workspaces set name = 'mine' where id = $1`;
    await expect(as(w2, bea, rename, [w1])).rejects.toThrow(denied);
  });

  it('lets a member be removed from the workspace that is asked from, and from no other', async () => {
    const removed = `delete from members where user_id = $1 returning workspace_id`;
    await expect(
      own.transaction(async (manager) => {
        await manager.query(`select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true)`, [
          w1,
          bea,
        ]);
        const [rows] = await manager.query<[unknown[]]>(removed, [bea]);
        throw new Error(JSON.stringify(rows));
      }),
    ).rejects.toThrow(JSON.stringify([{ workspace_id: w1 }]));
    expect(await as('', bea, removed, [bea])).toEqual([[], 0]);
  });

  it('shows an invitation in its workspace and to whom it is for, who can change none of it elsewhere', async () => {
    const cat = '01900000-0000-7000-8000-000000000005';
    await database.query(
      `insert into auth.users (id, email, name, password_hash, locale, time_zone, created_at)
       values ($1, 'cat@example.com', 'Cat', '', 'en', 'UTC', now())`,
      [cat],
    );
    await database.query(
      `insert into auth.invitations (id, workspace_id, email, role, token_hash, created_at, expires_at)
       values ($1, $2, 'cat@example.com', 'viewer', sha256('x'), now(), now())`,
      [cat, w1],
    );
    const all = `select email from invitations`;
    expect(await as(w1, ana, all)).toHaveLength(1);
    expect(await as(w2, cat, all)).toHaveLength(1);
    expect(await as(w2, bea, all)).toEqual([]);
    await expect(as(w2, cat, `update invitations set role = 'owner'`)).rejects.toThrow(/row-level security/);
    expect(await as(w2, bea, `delete from invitations`)).toEqual([[], 0]);
  });

  it('lets the service delete no person and no workspace that is not marked for erasure', async () => {
    for (const table of ['users', 'workspaces'])
      await expect(as(w1, ana, `delete from ${table}`)).rejects.toThrow(/permission denied/);
  });
});
