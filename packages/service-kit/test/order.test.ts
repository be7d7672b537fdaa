import { randomUUID } from 'node:crypto';
import { UserRegistered } from '@atrium/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { diary } from './fixtures/diary.service.ts';

const KEYS = 7;
const EVENTS = 1_400;
let service: ServiceUnderTest;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
  await service.startAgain();
});
afterAll(() => service.close());

/** Writes events of a few keys in turn, as one commit: more than a batch of each key. */
const commitMany = async (): Promise<void> => {
  const workspaceId = randomUUID();
  const envelopes = Array.from({ length: EVENTS }, (_, at) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/test',
    type: UserRegistered.type,
    time: new Date().toISOString(),
    subject: `key-${at % KEYS}`,
    datacontenttype: 'application/json',
    workspaceid: workspaceId,
    data: {
      userId: randomUUID(),
      workspaceId,
      email: 'someone@example.com',
      name: `key-${at % KEYS}/${String(at).padStart(5, '0')}`,
      locale: 'en',
      timeZone: 'UTC',
    },
  }));
  await service.database.query(
    `insert into diary.outbox (event_id, subscriber, key, type, workspace_id, envelope)
     select (e->>'id')::uuid, 'calendar', e->>'subject', e->>'type', (e->>'workspaceid')::uuid, e
     from jsonb_array_elements($1::jsonb) with ordinality as all_events (e, at) order by at`,
    [JSON.stringify(envelopes)],
  );
};

describe('events of one key', () => {
  it('take effect in the order they were written, with two replicas and many batches', async () => {
    await commitMany();
    const heard = () =>
      service.database.query<{ text: string }>(`select text from diary.heard where text like 'key-%' order by at`);
    const rows = await eventually(async () => {
      const now = await heard();
      return now.length >= EVENTS && now;
    }, 180_000);
    expect(rows).toHaveLength(EVENTS);
    for (let key = 0; key < KEYS; key += 1) {
      const own = rows.map(({ text }) => text).filter((text) => text.startsWith(`key-${key}/`));
      expect(own).toEqual(own.toSorted());
    }
  });
});
