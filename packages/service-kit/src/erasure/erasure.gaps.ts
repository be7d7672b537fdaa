import { systemTables } from '../data/isolation.ts';
import { kitSteps, type ErasureStep } from './erasure.plan.ts';

/** One table that an erasure would forget, or a name that no table has. */
export interface ErasureGap {
  readonly table: string;
  readonly problem: string;
}

/**
 * Reads the catalogue and lists every table of a schema of which the service does not say what an erasure does with it.
 * @param steps the `erasure.steps` of the service
 */
export const findErasureGaps = async (
  db: { query(sql: string, values: unknown[]): Promise<unknown> },
  schema: string,
  steps: readonly ErasureStep[],
): Promise<ErasureGap[]> => {
  const rows = (await db.query(
    `select c.relname as "table" from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    [schema],
  )) as { table: string }[];
  const tables = new Set(rows.map(({ table }) => table));
  const named = new Set([...kitSteps, ...steps].map(({ table }) => table));
  const system = new Set<string>(systemTables);
  return [
    ...[...tables]
      .filter((table) => !named.has(table) && !system.has(table))
      .map((table) => ({ table, problem: 'is not named by the erasure of its service' })),
    ...[...named].filter((table) => !tables.has(table)).map((table) => ({ table, problem: 'is named but not there' })),
  ];
};
