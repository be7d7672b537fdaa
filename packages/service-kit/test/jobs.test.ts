import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { createDiaryClient, type DiaryClient } from './fixtures/diary.client.ts';
import { diary, watched } from './fixtures/diary.service.ts';

let service: ServiceUnderTest;
let client: DiaryClient;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
  client = createDiaryClient(service);
});
afterAll(() => service.close());

interface JobRow {
  state: string;
  attempts: number;
  progress: number;
  reason: string | null;
}
const jobOf = async (text: string): Promise<JobRow | undefined> =>
  (
    await service.database.query<JobRow>(
      `select state, attempts, progress, reason from diary.jobs where payload->>'text' = $1`,
      [text],
    )
  )[0];
const give = (text: string) => client.send('POST', '/api/v1/notes', { body: { text, work: true } });

describe('a job', () => {
  it('starts after the commit and ends once', async () => {
    await give('plain work');
    const job = await eventually(async () => {
      const row = await jobOf('plain work');
      return row?.state === 'succeeded' && row;
    });
    expect(job).toEqual({ state: 'succeeded', attempts: 1, progress: 100, reason: null });
    expect(watched.worked.get('plain work')).toBe(1);
  });

  it('keeps the limits of the token that started it', async () => {
    const identity = { ...makeIdentity(), scopes: ['calendar:read', 'calendar:write'] };
    await client.send('POST', '/api/v1/notes', { body: { text: 'limited work', work: true }, identity });
    await eventually(async () => (await jobOf('limited work'))?.state === 'succeeded');
    expect(watched.scopes.get('limited work')).toEqual(identity.scopes);
    expect(watched.scopes.get('plain work')).toBeUndefined();
    const without = { ...identity, scopes: ['profile:read'] };
    const refused = await client.send('POST', '/api/v1/notes', { body: { text: 'no', work: true }, identity: without });
    expect(refused.status).toBe(403);
  });

  it('is not there when its transaction was undone', async () => {
    await give('undo work');
    expect(await jobOf('undo work')).toBeUndefined();
  });

  it('is given up after its attempts, with a reason, in the same transaction as what people see', async () => {
    await give('fails always');
    const job = await eventually(async () => {
      const row = await jobOf('fails always');
      return row?.state === 'failed' && row;
    });
    expect(job).toMatchObject({ attempts: 2, reason: 'It failed 2 times in a row.' });
    expect(
      await service.database.query(`select 1 from diary.heard where text = 'fails always:job.failed'`),
    ).toHaveLength(1);
  });

  it('waits for what it needs and is away, which costs no attempt, but not for ever', async () => {
    await give('waits for a pen');
    await eventually(async () => (await jobOf('waits for a pen'))?.state === 'succeeded');
    expect(watched.worked.get('waits for a pen')).toBe(4);
    expect(await jobOf('waits for a pen')).toMatchObject({ attempts: 1, reason: 'diary.pen: The pen is away.' });
    await service.database.query(
      `insert into diary.jobs (id, kind, workspace_id, payload, created_at)
       values (gen_random_uuid(), 'note.work', $1, '{"text":"waits too long"}', now() - interval '2 hours')`,
      [makeIdentity().workspaceId],
    );
    await eventually(async () => (await jobOf('waits too long'))?.state === 'failed');
    expect(watched.worked.get('waits too long')).toBe(2);
  });

  it('that hangs is stopped at its deadline and tried again', async () => {
    await give('hangs once');
    await eventually(async () => (await jobOf('hangs once'))?.state === 'succeeded', 15_000);
    expect(watched.worked.get('hangs once')).toBe(2);
  });

  it('whose process died is taken over when the lease runs out', async () => {
    await service.database.query(
      `insert into diary.jobs (id, kind, workspace_id, payload, state, attempts, lease_token, lease_until)
       values (gen_random_uuid(), 'note.work', gen_random_uuid(), '{"text":"orphan"}', 'running', 1, gen_random_uuid(), now() - interval '1 s')`,
    );
    await eventually(async () => (await jobOf('orphan'))?.state === 'succeeded');
    expect(watched.worked.get('orphan')).toBe(1);
  });

  it('goes on in a replica when its own process shuts down, without costing an attempt', async () => {
    const replica = await service.startAgain();
    await client.send('GET', '/api/v1/notes');
    await service.database.query(
      `insert into diary.jobs (id, kind, workspace_id, payload) values (gen_random_uuid(), 'note.work', gen_random_uuid(), '{"text":"hangs in one"}')`,
    );
    await eventually(async () => (await jobOf('hangs in one'))?.state === 'running');
    await Promise.all([replica.close(), service.running.close()]);
    expect(await jobOf('hangs in one')).toMatchObject({ state: 'queued', attempts: 0 });
    await service.startAgain();
    await eventually(async () => (await jobOf('hangs in one'))?.state === 'succeeded');
  });
});
