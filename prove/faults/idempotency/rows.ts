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
  withinMs = 20_000,
): Promise<string> => {
  let last = '';
  await eventually(async () => (last = await rowsOf(platform, schema, person)) === wanted, withinMs).catch(
    () => undefined,
  );
  return last;
};

/** Whether something of the workspace, such as a run, is still to be done: it will add rows of its own. */
const isUnderWay = async ({ database }: Platform, schema: string, { workspaceId }: Person): Promise<boolean> => {
  const tables = await database.query<{ table: string }>(
    `select s.table_name as "table" from information_schema.columns s
     join information_schema.columns w using (table_schema, table_name)
     where s.table_schema = $1 and s.column_name = 'state' and s.data_type = 'text' and w.column_name = 'workspace_id'`,
    [schema],
  );
  for (const { table } of tables) {
    if (RESTLESS.includes(table)) continue;
    const going = await database.query(
      `select 1 from ${schema}.${table} where workspace_id = $1 and state in ('queued', 'running') limit 1`,
      [workspaceId],
    );
    if (going.length > 0) return true;
  }
  return false;
};

/** Waits until nothing was added for a while, and nothing is under way that will. */
export const rowsAtRest = async (platform: Platform, schema: string, person: Person): Promise<string> => {
  let last = '';
  let since = Date.now();
  await eventually(async () => {
    const now = await rowsOf(platform, schema, person);
    if (now !== last || (await isUnderWay(platform, schema, person))) [last, since] = [now, Date.now()];
    return Date.now() - since > 300;
  }, 20_000).catch(() => undefined);
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
