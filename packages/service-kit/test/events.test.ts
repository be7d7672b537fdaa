import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { diary, watched } from './fixtures/diary.service.ts';

let service: ServiceUnderTest;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
});
afterAll(() => service.close());

const write = async (text: string, options: { key?: string; identity?: ReturnType<typeof makeIdentity> } = {}) => {
  const answer = await fetch(`${service.url}/api/v1/notes`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${service.issuer.token(options.identity ?? makeIdentity())}`,
      'content-type': 'application/json',
      ...(options.key ? { 'idempotency-key': options.key } : {}),
    },
    body: JSON.stringify({ text }),
  });
  return { status: answer.status, body: await answer.text(), replayed: answer.headers.get('idempotency-replayed') };
};
const heard = async (text: string) =>
  (await service.database.query(`select 1 from diary.heard where text = $1`, [text])).length;
const open = async (text: string) =>
  (
    await service.database.query<{ state: string; attempts: number; last_error: string | null }>(
      `select state, attempts, last_error from diary.outbox
       where subscriber = 'calendar' and envelope->'data'->>'name' = $1`,
      [text],
    )
  )[0];

describe('an event', () => {
  it('takes effect once and its delivery is closed', async () => {
    await write('first');
    await eventually(async () => (await heard('first')) === 1);
    await eventually(async () => (await open('first')) === undefined);
    expect(watched.heard.get('first')).toBe(1);
  });

  it('is not written when its transaction is undone', async () => {
    expect((await write('undo this')).status).toBe(500);
    expect(await open('undo this')).toBeUndefined();
  });

  it('that is delivered again takes effect once', async () => {
    await write('again');
    await eventually(async () => (await heard('again')) === 1);
    await service.database.query(
      `insert into diary.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       select i.event_id, 'calendar', 'again', 'auth.user.registered.v1', $1::uuid,
         jsonb_build_object('specversion', '1.0', 'id', i.event_id, 'source', '/x', 'type', 'auth.user.registered.v1',
           'time', '2026-01-01T00:00:00Z', 'subject', 'again', 'datacontenttype', 'application/json',
           'workspaceid', $1::uuid, 'data', '{}'::jsonb)
       from diary.inbox i order by received_at desc limit 1`,
      [randomUUID()],
    );
    await eventually(
      async () =>
        (await service.database.query(`select 1 from diary.outbox where key = 'again' and subscriber = 'calendar'`))
          .length === 0,
    );
    expect(await heard('again')).toBe(1);
  });

  it('that fails holds back its own key only, and goes through in order once it can', async () => {
    watched.poison.add('k1/1');
    await write('k1/1');
    await write('k1/2');
    await write('k2/1');
    await eventually(async () => (await heard('k2/1')) === 1);
    await eventually(async () => ((await open('k1/1'))?.attempts ?? 0) >= 1);
    expect(await heard('k1/2')).toBe(0);
    expect((await open('k1/1'))?.last_error).toBe('poisoned');
    watched.poison.delete('k1/1');
    await eventually(async () => (await heard('k1/2')) === 1);
    expect(await heard('k1/1')).toBe(1);
    const order = await service.database.query<{ text: string }>(
      `select text from diary.heard where text like 'k1/%' order by at`,
    );
    expect(order.map(({ text }) => text)).toEqual(['k1/1', 'k1/2']);
  });

  it('survives a wiped Redis: what was published and not acknowledged is published again', async () => {
    await write('before the wipe');
    await eventually(async () => (await heard('before the wipe')) === 1);
    const text = 'lost in the wipe';
    await service.database.query(
      `insert into diary.outbox (event_id, subscriber, key, type, workspace_id, envelope, state, published_at)
       select $1, 'calendar', 'w', 'auth.user.registered.v1', $2, $3, 'published', now()`,
      [
        '01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000002',
        JSON.stringify({
          specversion: '1.0',
          id: '01900000-0000-7000-8000-000000000001',
          source: '/x',
          type: 'auth.user.registered.v1',
          time: '2026-01-01T00:00:00Z',
          subject: 'w',
          datacontenttype: 'application/json',
          workspaceid: '01900000-0000-7000-8000-000000000002',
          data: {
            userId: randomUUID(),
            workspaceId: randomUUID(),
            email: 'a@b.co',
            name: text,
            locale: 'en',
            timeZone: 'UTC',
          },
        }),
      ],
    );
    // Gone with the rest of Redis; the sweeper notices that its mark is missing.
    await eventually(async () => (await service.redis.exists(`${service.prefix}:relay:calendar`)) === 1);
    await service.redis.unlink(`${service.prefix}:relay:calendar`);
    await eventually(async () => (await heard(text)) === 1, 15_000);
  });

  it('that breaks its contract becomes a dead letter its workspace can see and replay', async () => {
    const identity = makeIdentity();
    const id = randomUUID();
    await service.database.query(
      `insert into diary.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       values ($1, 'calendar', 'bad', 'auth.user.registered.v1', $2, $3)`,
      [
        id,
        identity.workspaceId,
        JSON.stringify({
          specversion: '1.0',
          id,
          source: '/x',
          type: 'auth.user.registered.v1',
          time: '2026-01-01T00:00:00Z',
          subject: 'bad',
          datacontenttype: 'application/json',
          workspaceid: identity.workspaceId,
          data: { nothing: true },
        }),
      ],
    );
    const list = async (who = identity) => {
      const answer = await fetch(`${service.url}/api/v1/ops/calendar/dead-letters`, {
        headers: { authorization: `Bearer ${service.issuer.token(who)}` },
      });
      return ((await answer.json()) as { data: { eventId: string; attempts: number }[] }).data;
    };
    const dead = await eventually(async () => (await list()).find(({ eventId }) => eventId === id));
    expect(dead.attempts).toBe(1);
    expect(await list(makeIdentity())).toEqual([]);
    const replay = await fetch(`${service.url}/api/v1/ops/calendar/dead-letters/${id}/calendar/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.issuer.token(identity)}` },
    });
    expect(replay.status).toBe(204);
    await eventually(async () => (await list()).length === 1);
  });
});

describe('an idempotency key', () => {
  it('returns the first answer byte for byte', async () => {
    const identity = makeIdentity();
    const first = await write('once', { identity, key: 'key-1' });
    const second = await write('once', { identity, key: 'key-1' });
    expect(first).toMatchObject({ status: 201, replayed: null });
    expect(second).toEqual({ ...first, replayed: 'true' });
  });

  it('is refused for another request and free for another user', async () => {
    const identity = makeIdentity();
    await write('mine', { identity, key: 'key-2' });
    expect((await write('other', { identity, key: 'key-2' })).status).toBe(422);
    expect((await write('other', { key: 'key-2' })).status).toBe(201);
  });

  it('lets one of many at once through', async () => {
    const identity = makeIdentity();
    const answers = await Promise.all(Array.from({ length: 20 }, () => write('many', { identity, key: 'key-3' })));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body)).size).toBe(1);
    const rows = await service.database.query(`select 1 from diary.notes where text = 'many'`);
    expect(rows).toHaveLength(1);
  });
});
