import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  makeIdentity,
  startServiceUnderTest,
  type ServiceUnderTest,
  type TestIdentity,
} from '@atrium/testing';
import { createDiaryClient, type DiaryClient } from './fixtures/diary.client.ts';
import { diary, watched } from './fixtures/diary.service.ts';

let service: ServiceUnderTest;
let client: DiaryClient;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
  client = createDiaryClient(service);
});
afterAll(() => service.close());

interface Job {
  id: string;
  kind: string;
  state: string;
  reason: string | null;
  attempts: number;
}
const owner = makeIdentity();
const ops = '/api/v1/ops/calendar';
const ask = async (method: string, path: string, identity: TestIdentity = owner) => {
  const answer = await fetch(`${service.url}${ops}${path}`, {
    method,
    headers: { authorization: `Bearer ${service.issuer.token(identity)}` },
  });
  const body = (await answer.json()) as Record<string, unknown> & {
    data?: Job[];
    page?: { nextCursor: string | null };
  };
  return { status: answer.status, body };
};
const give = (text: string) => client.send('POST', '/api/v1/notes', { body: { text, work: true }, identity: owner });
const jobsIn = async (query: string, identity = owner) => (await ask('GET', `/jobs${query}`, identity)).body.data ?? [];
const later = async (text: string): Promise<string> => {
  const id = randomUUID();
  await service.database.query(
    `insert into diary.jobs (id, kind, workspace_id, payload, run_at)
     values ($1, 'note.work', $2, jsonb_build_object('text', $3::text), now() + interval '1 hour')`,
    [id, owner.workspaceId, text],
  );
  return id;
};

describe('the jobs of a workspace', () => {
  it('are listed to its owner, by state and kind, page by page, without what they carry', async () => {
    await give('listed one');
    await give('fails listed');
    const [failed] = await eventually(async () => {
      const rows = await jobsIn('?state=failed');
      return rows.length === 1 && rows;
    });
    expect(failed).toMatchObject({ kind: 'note.work', state: 'failed', attempts: 2 });
    expect(failed).not.toHaveProperty('payload');
    expect(await jobsIn('?kind=unknown')).toEqual([]);
    const first = await ask('GET', '/jobs?limit=1');
    const second = await ask('GET', `/jobs?limit=1&cursor=${first.body.page?.nextCursor}`);
    expect(first.body.data?.[0]?.id).toBe(failed?.id);
    expect(second.body.data?.[0]).toMatchObject({ state: 'succeeded' });
    expect(second.body.page?.nextCursor).toBeNull();
  });

  it('are not seen or changed from another workspace, nor by who does not own it', async () => {
    const id = await later('private');
    const stranger = makeIdentity();
    expect(await jobsIn('', stranger)).toEqual([]);
    for (const verb of ['cancel', 'retry'])
      expect((await ask('POST', `/jobs/${id}/${verb}`, stranger)).body).toMatchObject({ code: 'job.not_found' });
    expect((await ask('GET', '/jobs', { ...owner, role: 'admin' as const })).status).toBe(403);
    expect((await ask('GET', '/outbox', { ...owner, role: 'admin' as const })).status).toBe(403);
    expect((await jobsIn('?state=queued')).map((job) => job.id)).toContain(id);
    expect((await ask('GET', '/jobs?state=odd')).status).toBe(422);
    await ask('POST', `/jobs/${id}/cancel`);
  });

  it('that wait for later are cancelled at once', async () => {
    const id = await later('cancelled before it began');
    expect((await ask('POST', `/jobs/${id}/cancel`)).body).toMatchObject({ id, cancelRequested: true });
    await eventually(async () => (await jobsIn('?state=cancelled')).some((job) => job.id === id));
    expect(watched.worked.get('cancelled before it began')).toBeUndefined();
    expect(await ask('POST', `/jobs/${id}/cancel`)).toMatchObject({ status: 409, body: { code: 'job.ended' } });
  });

  it('that are running are stopped', async () => {
    await give('hangs until cancelled');
    const id = await eventually(async () => (await jobsIn('?state=running'))[0]?.id);
    expect((await ask('POST', `/jobs/${id}/cancel`)).status).toBe(202);
    await eventually(async () => (await jobsIn('?state=cancelled')).some((job) => job.id === id));
  });

  it('that wait or have failed are tried again, but not what has succeeded', async () => {
    const waiting = await later('brought forward');
    expect((await ask('POST', `/jobs/${waiting}/retry`)).status).toBe(202);
    await eventually(async () => watched.worked.get('brought forward') === 1);
    const failed = (await jobsIn('?state=failed'))[0]?.id;
    expect((await ask('POST', `/jobs/${failed}/retry`)).body).toMatchObject({
      state: 'queued',
      attempts: 0,
      reason: null,
    });
    await eventually(async () => watched.worked.get('fails listed') === 4);
    await eventually(async () => (await jobsIn('?state=succeeded')).some((job) => job.id === waiting));
    expect(await ask('POST', `/jobs/${waiting}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'job.not_waiting' },
    });
  });
});

describe('the outbox of a workspace', () => {
  it('tells how far each subscriber is behind, and what was given up', async () => {
    const other = makeIdentity();
    for (const [state, workspace] of [
      ['dead', other.workspaceId],
      ['dead', randomUUID()],
      ['pending', other.workspaceId],
    ] as const)
      await service.database.query(
        `insert into diary.outbox (event_id, subscriber, key, type, workspace_id, envelope, state, next_attempt_at, created_at)
         values (gen_random_uuid(), 'billing', 'k', 'auth.user.registered.v1', $1, '{}', $2,
           now() + interval '1 hour', now() - interval '90 s')`,
        [workspace, state],
      );
    const { body } = await ask('GET', '/outbox', other);
    const lag = (body.data as unknown as { subscriber: string; lagSeconds: number }[]).find(
      ({ subscriber }) => subscriber === 'billing',
    );
    expect(lag).toMatchObject({ waiting: 1, dead: 1 });
    expect(lag?.lagSeconds).toBeGreaterThanOrEqual(90);
  });
});

describe('the metrics', () => {
  it('tell of the outbox, jobs, queues, connections and problems, without naming anybody', async () => {
    await later('for the gauge');
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.split(' ')
          .at(-1) ?? NaN,
      );
    expect(value('outbox_rows{subscriber="billing",state="dead"')).toBeGreaterThanOrEqual(2);
    expect(value('outbox_lag_seconds{subscriber="billing"')).toBeGreaterThanOrEqual(90);
    expect(value('jobs_open{kind="note.work",state="later"')).toBeGreaterThanOrEqual(1);
    expect(value('queue_waiting{queue="events.calendar"')).toBeGreaterThanOrEqual(0);
    expect(value('database_connections{state="idle"') + value('database_connections{state="busy"')).toBeGreaterThan(0);
    expect(value('database_waiting')).toBeGreaterThanOrEqual(0);
    expect(value('revocations_silence_seconds')).toBeGreaterThanOrEqual(0);
    expect(value('http_problems_total{operation="cancelCalendarJob",code="job.ended"')).toBe(1);
    expect(text).not.toContain(owner.workspaceId);
    expect(text).not.toContain(owner.userId);
  });
});
