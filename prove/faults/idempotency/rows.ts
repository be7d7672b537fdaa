import { eventually } from '@atrium/testing';
import type { Person } from '../../platform/people.ts';
import type { Platform } from '../../platform/platform.ts';

/** Rows that come and go by themselves. */
const RESTLESS = ['outbox', 'inbox', 'jobs', 'idempotency_keys', 'audit_log', 'audit_heads'];

/** How many rows of each table of a schema belong to a person or to their workspace, as one text. */
const rowsOf = async ({ database }: Platform, schema: string, person: Person): Promise<string> => {
  const tables = await database.query<{ table: string; columns: string[] }>(
    `select c.table_name as "table", array_agg(c.column_name::text) as columns from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = $1 and t.table_type = 'BASE TABLE' and c.column_name in ('workspace_id', 'user_id')
     group by 1 order by 1`,
    [schema],
  );
  const counts: string[] = [];
  for (const { table, columns } of tables) {
    if (RESTLESS.includes(table)) continue;
    const mine = [
      ...(columns.includes('workspace_id') ? ['workspace_id = $1'] : []),
      ...(columns.includes('user_id') ? ['user_id = $2'] : []),
    ];
    const [row] = await database.query<{ count: number }>(
      `select count(*)::int as count from ${schema}.${table}
       where ($1::uuid is not null and $2::uuid is not null) and (${mine.join(' or ')})`,
      [person.workspaceId, person.id],
    );
    counts.push(`${table} ${row?.count}`);
  }
  return counts.join(', ');
};

/** Waits until what goes on in the background made the rows what they are to be. @returns what they are in the end */
export const rowsBecoming = async (
  platform: Platform,
  schema: string,
  person: Person,
  wanted: string,
  withinMs = 8_000,
): Promise<string> => {
  let last = '';
  await eventually(async () => (last = await rowsOf(platform, schema, person)) === wanted, withinMs).catch(
    () => undefined,
  );
  return last;
};

/** Waits until nothing was added for a while. */
export const rowsAtRest = async (platform: Platform, schema: string, person: Person): Promise<string> => {
  let last = '';
  let since = Date.now();
  await eventually(async () => {
    const now = await rowsOf(platform, schema, person);
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 300;
  }, 8_000).catch(() => undefined);
  return last;
};

/** How often this person's doing is on record as done. */
export const recordsOf = async (
  { database }: Platform,
  schema: string,
  person: Person,
  operation: string,
): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from ${schema}.audit_log where operation = $1 and user_id = $2 and outcome = 'ok'`,
    [operation, person.id],
  );
  return row?.count ?? 0;
};
