import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@atrium/testing';
import type { Platform } from './platform.ts';

/** Tables whose rows come and go by themselves, and the log that grows by each attack. */
const RESTLESS = ['outbox', 'inbox', 'jobs', 'idempotency_keys', 'audit_log', 'audit_heads'];

/** A digest of all rows of a workspace, by table. */
export const snapshotOf = async ({ database }: Platform, workspaceId: string): Promise<Map<string, string>> => {
  const tables = await database.query<{ schema: string; table: string }>(
    `select c.table_schema as schema, c.table_name as "table" from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.column_name = 'workspace_id' and t.table_type = 'BASE TABLE' order by 1, 2`,
  );
  const digests = new Map<string, string>();
  for (const { schema, table } of tables) {
    if (RESTLESS.includes(table)) continue;
    const [row] = await database.query<{ digest: string }>(
      `select count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest
       from ${schema}.${table} t where workspace_id = $1`,
      [workspaceId],
    );
    digests.set(`${schema}.${table}`, row?.digest ?? '');
  }
  return digests;
};

const APART_MS = 750;

/** Waits until what goes on in a workspace by itself is over: its documents are read, and nothing else changes. */
export const atRest = async (platform: Platform, workspaceId: string): Promise<void> => {
  let before = new Map<string, string>();
  await eventually(async () => {
    const reading = await platform.database.query(
      `select 1 from document.versions where workspace_id = $1 and status not in ('ready', 'failed', 'cancelled')`,
      [workspaceId],
    );
    const [earlier, now] = [before, await snapshotOf(platform, workspaceId)];
    if (reading.length === 0 && [...now].every(([table, digest]) => earlier.get(table) === digest)) return true;
    before = now;
    await sleep(APART_MS);
    return false;
  }, 60_000);
};
