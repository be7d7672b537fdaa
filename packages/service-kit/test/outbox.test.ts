import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@atrium/testing';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/data/database.ts';
import type { Acknowledgement } from '../src/events/delivery.ts';
import { createOutboxStore } from '../src/events/outbox.store.ts';
import { createLogger } from '../src/observability/log.ts';

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await createTestDatabase([{ schema: 'teller', migrations: [] }]);
  const log = createLogger({ service: 'teller', level: 'silent' });
  db = await openDatabase({ url: database.urlOf('teller'), schema: 'teller', pool: 4, entities: [], log });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

describe('news of a delivery that come before its publishing has committed', () => {
  it.each<[Acknowledgement['outcome'], { state: string; attempts: number } | undefined]>([
    ['handled', undefined],
    ['deferred', { state: 'pending', attempts: 0 }],
    ['failed', { state: 'pending', attempts: 1 }],
    ['rejected', { state: 'dead', attempts: 1 }],
  ])('are not lost: %s', async (outcome, expected) => {
    const store = createOutboxStore(db, Math.random);
    const eventId = randomUUID();
    await db.query(
      `insert into outbox (event_id, subscriber, key, type, workspace_id, envelope) select id, 'calendar', id::text, 'x', id, '{}' from (select $1::uuid as id) as one`,
      [eventId],
    );
    let settled: Promise<void> | undefined;
    const taken = await store.take(10, async () => {
      settled = store.settle([{ eventId, subscriber: 'calendar', outcome }]);
      // It has come as far as it can without the rows.
      await sleep(100);
    });
    await settled;
    expect(taken).toBe(1);
    const [row] = await db.query<{ state: string; attempts: number }[]>(
      'select state, attempts from outbox where event_id = $1',
      [eventId],
    );
    expect(row).toEqual(expected);
    await db.query('delete from outbox');
  });
});
