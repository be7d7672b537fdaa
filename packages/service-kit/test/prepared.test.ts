import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@atrium/testing';
import type { Client } from 'pg';
import { PreparedClient } from '../src/data/prepared.client.ts';
import { diary } from './fixtures/diary.service.ts';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase([diary]);
  client = new PreparedClient({ connectionString: database.adminUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const prepared = async (pattern: string): Promise<number> =>
  (await client.query<{ name: string }>(`select name from pg_prepared_statements where statement like '${pattern}'`))
    .rows.length;

describe('a prepared client', () => {
  it('prepares a statement once it comes again and again, and answers the same', async () => {
    const answers: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      const { rows } = await client.query<{ doubled: number }>('select 2 * $1::int as doubled', [time]);
      answers.push(rows[0]?.doubled ?? -1);
      expect(await prepared('select 2 * $1%')).toBe(time < 2 ? 0 : 1);
    }
    expect(answers).toEqual([0, 2, 4, 6, 8]);
  });

  it('keeps a bounded number of statements', async () => {
    for (let which = 0; which < 250; which += 1) {
      for (let time = 0; time < 3; time += 1) await client.query(`select $1::int as column_${which}`, [time]);
    }
    expect(await prepared('select $1::int as column%')).toBeLessThanOrEqual(200);
  });

  it('fails once when the table of a statement was changed, and then goes on', async () => {
    // A client of its own: the one above has no names left.
    const other = new PreparedClient({ connectionString: database.adminUrl });
    await other.connect();
    try {
      await other.query('create table changing (id int)');
      const read = () => other.query('select * from changing where id = $1', [1]);
      for (let time = 0; time < 4; time += 1) await read();
      await other.query('alter table changing add column name text');
      await expect(read()).rejects.toMatchObject({ code: '0A000' });
      const { fields } = await read();
      expect(fields.map(({ name }) => name)).toEqual(['id', 'name']);
      for (let time = 0; time < 4; time += 1) await read();
    } finally {
      await other.end();
    }
  });
});
