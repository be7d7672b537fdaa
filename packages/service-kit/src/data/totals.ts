import type { QueryRunner } from 'typeorm';
import { roleOf } from './migrate.ts';

/**
 * Makes a function that counts over all workspaces, for metrics: the service's role sees no row without a tenant, and
 * gets these sums and nothing else. It runs as whoever migrates; the policy lets that role through where it is no
 * superuser.
 * @param columns of the result, such as `state text, count bigint`
 * @param query over tables of the schema, which it names without it
 */
export const createTotals = async (
  runner: QueryRunner,
  options: { schema: string; name: string; tables: readonly string[]; columns: string; query: string },
): Promise<void> => {
  const { schema, name, tables, columns, query } = options;
  for (const table of tables)
    await runner.query(`create policy totals on ${table} for select to current_user using (true)`);
  await runner.query(
    `create function ${name}() returns table (${columns}) language sql stable security definer
     set search_path = ${schema}, pg_temp as $totals$ ${query} $totals$`,
  );
  await runner.query(`revoke all on function ${name}() from public`);
  await runner.query(`grant execute on function ${name}() to ${roleOf(schema)}`);
};

export const dropTotals = async (
  runner: QueryRunner,
  options: { name: string; tables: readonly string[] },
): Promise<void> => {
  await runner.query(`drop function ${options.name}()`);
  for (const table of options.tables) await runner.query(`drop policy totals on ${table}`);
};
