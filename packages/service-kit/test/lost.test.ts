import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@atrium/testing';
import type { DataSource, EntityManager } from 'typeorm';
import { openDatabase } from '../src/data/database.ts';
import { retryTransaction } from '../src/data/retry.ts';
import { toDomainError } from '../src/http/problem.ts';
import { createLogger } from '../src/observability/log.ts';
import { diary } from './fixtures/diary.service.ts';

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await createTestDatabase([diary]);
  const log = createLogger({ service: 'diary', level: 'silent' });
  db = await openDatabase({ url: database.urlOf('diary'), schema: 'diary', pool: 2, entities: [], log });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** A transaction whose connection ends between two of its statements, the first `times` it is tried. */
const interrupted = (times: number) => {
  let tries = 0;
  const work = (): Promise<string> =>
    db.transaction(async (manager: EntityManager) => {
      tries += 1;
      const [backend]: [{ pid: number }] = await manager.query('select pg_backend_pid() as pid');
      if (tries <= times) {
        await database.query('select pg_terminate_backend($1)', [backend.pid]);
        // Until the news is here, so that it is the next statement that finds no connection.
        while (manager.queryRunner?.isReleased === false) await sleep(5);
      }
      await manager.query('select 1');
      return 'done';
    });
  return { work, tries: () => tries };
};

describe('a connection that ends between two statements', () => {
  it('is replaced by another one where the work may be repeated', async () => {
    const { work, tries } = interrupted(1);
    await expect(retryTransaction(work, true)).resolves.toBe('done');
    expect(tries()).toBe(2);
  });

  it('is told as a database that is away where it may not', async () => {
    const { work, tries } = interrupted(1);
    const error: unknown = await retryTransaction(work).catch((thrown: unknown) => thrown);
    expect(tries()).toBe(1);
    expect(toDomainError(error)).toMatchObject({ status: 503, code: 'database.unavailable' });
  });
});
