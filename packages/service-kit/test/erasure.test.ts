import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditSteps, erases, findErasureGaps, type ServiceDefinition } from '@atrium/service-kit';
import { erasedPart, eventually, makeIdentity, requestErasure, startServiceUnderTest } from '@atrium/testing';
import type { ServiceUnderTest } from '@atrium/testing';
import { diary as base } from './fixtures/diary.service.ts';

const diary: ServiceDefinition = base;
let service: ServiceUnderTest;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
});
afterAll(() => service.close());

const countOf = async (workspaceId: string): Promise<number> => {
  const [row] = await service.database.query<{ count: number }>(
    'select count(*)::int as count from diary.notes where workspace_id = $1',
    [workspaceId],
  );
  return row?.count ?? 0;
};

describe('the check of the registry', () => {
  it('finds a table that nobody named, and a name without a table', async () => {
    expect(await findErasureGaps(service.database, 'diary', diary.erasure)).toEqual([]);
    const gaps = await findErasureGaps(service.database, 'diary', [erases('notes'), erases('diaries'), ...auditSteps]);
    expect(gaps).toEqual([
      { table: 'heard', problem: 'is not named by the erasure of its service' },
      { table: 'diaries', problem: 'is named but not there' },
    ]);
  });
});

describe('an erasure', () => {
  it('removes many rows in several transactions and counts each once, also when its process is stopped on the way', async () => {
    const anna = makeIdentity();
    await service.database.query(
      `insert into diary.notes select gen_random_uuid(), $1, 'note ' || n from generate_series(1, 1700) n`,
      [anna.workspaceId],
    );
    const erasureId = await requestErasure(diary, service, { workspaces: [anna.workspaceId] });
    await eventually(async () => (await countOf(anna.workspaceId)) < 1700);
    await service.running.close();
    const again = await service.startAgain();
    const { erased } = await erasedPart(diary, service, erasureId, 30_000);
    expect(erased['notes']).toBe(1700);
    expect(await countOf(anna.workspaceId)).toBe(0);
    await again.close();
  }, 180_000);

  it('is remembered by hashes, and the request is forgotten', async () => {
    const rows = await service.database.query(`select to_jsonb(w)->'request' as request from diary.erasure_work w`);
    expect(rows).toEqual([{ request: null }]);
    const hashes = await service.database.query(`select length(hash) as length from diary.erased_subjects`);
    expect(hashes).toEqual([{ length: 32 }]);
  });

  it('comes to an end for a workspace that has nothing', async () => {
    const again = await service.startAgain();
    const erasureId = await requestErasure(diary, service, { workspaces: [makeIdentity().workspaceId] });
    expect((await erasedPart(diary, service, erasureId)).erased).toEqual({});
    await again.close();
  });
});
