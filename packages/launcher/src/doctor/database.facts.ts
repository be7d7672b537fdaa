import pg from 'pg';
import { named } from '../backup/sql.ts';
import type { RoleDefinition } from '../roles.ts';
import type { SchemaFacts, ServerFacts } from './database.rules.ts';

/** A pool of ten and the connection of migrations and commands. */
const EXTRA_CONNECTIONS = 5;

const tableExists = async (client: pg.Client, schema: string, table: string): Promise<boolean> =>
  (await client.query(`select 1 where to_regclass($1) is not null`, [named(schema, table)])).rows.length > 0;

const factsOf = async (client: pg.Client, schema: string, known: readonly string[]): Promise<SchemaFacts> => {
  const base = { schema, waitingEvents: 0, oldestEvent: 0, deadEvents: 0, waitingJobs: 0, oldestJob: 0, stuckJobs: 0 };
  if (!(await tableExists(client, schema, 'migrations'))) return { ...base, failedJobs: 0, pending: known };
  const { rows: done } = await client.query<{ name: string }>(`select name from ${named(schema, 'migrations')}`);
  const ran = new Set(done.map(({ name }) => name));
  const pending = known.filter((name) => !ran.has(name));
  if (!(await tableExists(client, schema, 'jobs'))) return { ...base, failedJobs: 0, pending };
  const { rows } = await client.query<Omit<SchemaFacts, 'schema' | 'pending'>>(
    `select e.*, j.* from (
       select count(*) filter (where state <> 'dead')::int as "waitingEvents",
         coalesce(extract(epoch from now() - min(created_at) filter (where state <> 'dead')), 0)::float8 as "oldestEvent",
         count(*) filter (where state = 'dead')::int as "deadEvents"
       from ${named(schema, 'outbox')}) e, (
       select count(*) filter (where state = 'queued' and run_at <= now())::int as "waitingJobs",
         coalesce(extract(epoch from now() - min(run_at) filter (where state = 'queued' and run_at <= now())), 0)::float8
           as "oldestJob",
         count(*) filter (where state = 'running' and lease_until < now() - interval '1 minute')::int as "stuckJobs",
         count(*) filter (where state = 'failed' and finished_at > now() - interval '1 day')::int as "failedJobs"
       from ${named(schema, 'jobs')}) j`,
  );
  const [facts] = rows;
  return facts ? { ...facts, schema, pending } : { ...base, failedJobs: 0, pending };
};

/** Asks the database what the rules judge. @param pool size of one role's pool */
export const readFacts = async (
  url: string,
  definitions: readonly RoleDefinition[],
  kit: readonly string[],
  pool: number,
): Promise<{ server: ServerFacts; schemas: SchemaFacts[] }> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const asked = Date.now();
    const { rows } = await client.query<{ at: number; max: number; vector: ServerFacts['vector'] }>(
      `select extract(epoch from clock_timestamp())::float8 * 1000 as at,
         current_setting('max_connections')::int as max,
         coalesce((select case when installed_version is null then 'available' else 'installed' end
           from pg_available_extensions where name = 'vector'), 'absent') as vector`,
    );
    const between = (asked + Date.now()) / 2;
    const [server] = rows;
    if (!server) throw new Error('the database says nothing of itself');
    const owners = definitions.filter(({ schema }) => schema !== undefined);
    const schemas: SchemaFacts[] = [];
    for (const { schema = '', migrations = [] } of owners) {
      schemas.push(await factsOf(client, schema, [...kit, ...migrations.map(({ name }) => name)]));
    }
    return {
      server: {
        maxConnections: server.max,
        pools: owners.length * pool + EXTRA_CONNECTIONS,
        vector: server.vector,
        skewMs: Math.round(server.at - between),
      },
      schemas,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
};
