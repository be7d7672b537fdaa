import type { DataSource, QueryRunner } from 'typeorm';

/** Tables of the kit itself: no tenant reads them, only the relay, the consumer and the job worker do. */
export const systemTables = [
  ...['inbox', 'jobs', 'migrations', 'outbox'],
  ...['erasure_work', 'erasure_counts', 'erased_subjects'],
] as const;

/**
 * Turns on and forces row-level security: rows are seen and written only in a transaction of their workspace.
 * The sub-select makes Postgres read the setting once a statement, not once a row.
 * @param condition extra SQL that also lets a row be seen, such as the user's own memberships
 */
export const protectTable = async (runner: QueryRunner, table: string, condition?: string): Promise<void> => {
  const own = `workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)`;
  await runner.query(`alter table ${table} enable row level security`);
  await runner.query(`alter table ${table} force row level security`);
  await runner.query(
    `create policy tenant on ${table} using (${condition ? `${own} or ${condition}` : own}) with check (${own})`,
  );
};

/** One table that breaks the isolation rule, and how. */
export interface IsolationGap {
  readonly table: string;
  readonly problem: string;
}

/**
 * Reads the catalogue and lists every table of a schema that is neither protected nor named as shared.
 * @param shared tables without a tenant, listed by hand
 */
export const findIsolationGaps = async (
  db: DataSource,
  schema: string,
  shared: readonly string[],
): Promise<IsolationGap[]> => {
  const tables: { table: string; enabled: boolean; forced: boolean; tenant: boolean; checked: boolean }[] =
    await db.query(
      `select c.relname as "table", c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
         exists (select 1 from pg_attribute a
           where a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnotnull and not a.attisdropped) as tenant,
         exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polwithcheck is not null) as checked
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind in ('r', 'p') order by 1`,
      [schema],
    );
  const exempt = new Set<string>([...systemTables, ...shared]);
  return tables.flatMap(({ table, enabled, forced, tenant, checked }) => {
    if (exempt.has(table)) return [];
    if (!tenant) return [{ table, problem: 'has no workspace_id and is not listed as shared' }];
    if (!enabled || !forced) return [{ table, problem: 'does not force row-level security' }];
    return checked ? [] : [{ table, problem: 'has no policy with a WITH CHECK clause' }];
  });
};
