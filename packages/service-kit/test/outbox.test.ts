import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@atrium/contracts';
import { createTestDatabase, type TestDatabase } from '@atrium/testing';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/data/database.ts';
import type { Acknowledgement } from '../src/events/delivery.ts';
import { createOutboxFloor } from '../src/events/outbox.floor.ts';
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

describe('the floor of the outbox', () => {
  const write = (seq: number): Promise<unknown> =>
    db.query(
      `insert into outbox (seq, event_id, subscriber, key, type, workspace_id, envelope) overriding system value
       select $1, id, 'calendar', 'one', 'x', id, jsonb_build_object('id', id) from (select gen_random_uuid() as id) as one`,
      [seq],
    );

  it('rises with what was handled, stays far below the newest, and comes down for what commits late', async () => {
    let time = 0;
    const store = createOutboxStore(
      db,
      Math.random,
      createOutboxFloor(serviceNames, () => time),
    );
    const take = async (): Promise<number[]> => {
      const seqs: number[] = [];
      await store.take(10, (deliveries) =>
        Promise.resolve(void seqs.push(...deliveries.map(({ seq }) => Number(seq)))),
      );
      await db.query(`delete from outbox where state = 'published'`);
      return seqs;
    };
    await write(20_000);
    expect(await take()).toEqual([20_000]);
    time += 60_000;
    expect(await take()).toEqual([]);
    await write(15_001);
    await write(3);
    // Only what is far below waits until the floor is looked for again.
    expect(await take()).toEqual([15_001]);
    time += 60_000;
    expect(await take()).toEqual([3]);
  });

  it('is never above what is under way, so that later ones of a key wait for it', async () => {
    let time = 0;
    const store = createOutboxStore(
      db,
      Math.random,
      createOutboxFloor(serviceNames, () => time),
    );
    const take = (): Promise<number> => store.take(10, () => Promise.resolve());
    await write(40_000);
    expect(await take()).toBe(1);
    await write(50_000);
    await db.query(`update outbox set state = 'pending', next_attempt_at = now() + interval '1 hour', attempts = 1
      where seq = 40000`);
    time += 60_000;
    expect(await take()).toBe(0);
    await db.query('delete from outbox where seq = 40000');
    expect(await take()).toBe(1);
    await db.query('delete from outbox');
  });
});
