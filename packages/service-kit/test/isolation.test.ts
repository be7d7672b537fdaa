import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findIsolationGaps } from '@atrium/service-kit';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { createDiaryClient } from './fixtures/diary.client.ts';
import { diary } from './fixtures/diary.service.ts';

let service: ServiceUnderTest;
let asService: DataSource;
const [anna, bruno] = [makeIdentity(), makeIdentity()];
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
  asService = await new DataSource({
    type: 'postgres',
    url: service.database.urlOf('diary'),
    extra: { max: 2 },
  }).initialize();
  const client = createDiaryClient(service);
  await client.send('POST', '/api/v1/notes', { body: { text: 'of anna' }, identity: anna });
  await client.send('POST', '/api/v1/notes', { body: { text: 'of bruno' }, identity: bruno });
});
afterAll(async () => {
  await asService.destroy();
  await service.close();
});

const inWorkspace = (workspaceId: string, sql: string, values: unknown[] = []): Promise<unknown[]> =>
  asService.transaction(async (manager) => {
    await manager.query(`select set_config('app.workspace_id', $1, true)`, [workspaceId]);
    return manager.query(sql, values);
  });

describe("a service's own role", () => {
  it('sees nothing without a workspace, even with no predicate at all', async () => {
    expect(await asService.query(`select * from diary.notes`)).toEqual([]);
  });

  it('sees the rows of the workspace it entered and no others', async () => {
    expect(await inWorkspace(anna.workspaceId, `select text from diary.notes`)).toEqual([{ text: 'of anna' }]);
  });

  it('carries no workspace over to the next user of its connection', async () => {
    await inWorkspace(anna.workspaceId, `select 1`);
    expect(await asService.query(`select * from diary.notes`)).toEqual([]);
  });

  it('cannot write into another workspace', async () => {
    const write = inWorkspace(anna.workspaceId, `insert into diary.notes values (gen_random_uuid(), $1, 'x')`, [
      bruno.workspaceId,
    ]);
    await expect(write).rejects.toThrow(/row-level security/);
    expect(
      await inWorkspace(anna.workspaceId, `update diary.notes set text = 'x' where workspace_id = $1 returning 1`, [
        bruno.workspaceId,
      ]),
    ).toEqual([[], 0]);
  });

  it.each([
    ['change its tables', `alter table diary.notes disable row level security`],
    ['make tables', `create table diary.more (id int)`],
    ['make tables elsewhere', `create table public.more (id int)`],
    ['make roles', `create role more`],
    ['turn row security off', `set row_security = off; select * from diary.notes`],
    ['become somebody else', `set role postgres`],
  ])('cannot %s', async (_what, sql) => {
    await expect(asService.query(sql)).rejects.toThrow(/permission denied|must be owner|row-level security/);
  });
});

describe('the catalogue check', () => {
  it('finds nothing in a protected schema', async () => {
    expect(await findIsolationGaps(asService, 'diary', [])).toEqual([]);
  });

  it('finds a table that forgot its workspace or its policy', async () => {
    await service.database.query(`create table diary.forgot (id int)`);
    await service.database.query(`create table diary.open (id int, workspace_id uuid not null)`);
    expect((await findIsolationGaps(asService, 'diary', [])).map(({ table }) => table)).toEqual(['forgot', 'open']);
    expect(await findIsolationGaps(asService, 'diary', ['forgot', 'open'])).toEqual([]);
  });
});
