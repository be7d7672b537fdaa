import { ErasureRequested } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { ErasureStep } from './erasure.plan.ts';

export type ErasureRequest = z.infer<typeof ErasureRequested.data>;

/** Rows that one transaction removes; short enough to hold up nobody. */
export const ERASE_AT_ONCE = 500;

/** A condition with its values, `$1` first. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly string[];
}

/** Adds to what an erasure removed of a kind, in the transaction that removes it: so it is counted once. */
export const noteErased = async (
  manager: EntityManager,
  erasureId: string,
  kind: string,
  count: number,
): Promise<void> => {
  if (count === 0) return;
  await manager.query(
    `insert into erasure_counts as c (erasure_id, kind, count) values ($1, $2, $3)
     on conflict (erasure_id, kind) do update set count = c.count + excluded.count`,
    [erasureId, kind, count],
  );
};

/** The tables of erasures, inside one transaction. */
export const createErasureStore = (manager: EntityManager) => ({
  /** Remembers a request, and that its subjects are gone. False when it is known already. */
  async begin(request: ErasureRequest): Promise<boolean> {
    await manager.query(
      `insert into erased_subjects (hash) select sha256(uuid_send(id)) from unnest($1::uuid[]) as gone (id)
       on conflict do nothing`,
      [[...request.workspaces, ...(request.userId === null ? [] : [request.userId])]],
    );
    const rows: unknown[] = await manager.query(
      `insert into erasure_work (erasure_id, request) values ($1, $2) on conflict do nothing returning 1`,
      [request.erasureId, JSON.stringify(request)],
    );
    return rows.length > 0;
  },

  /** A request that is not done yet; others wait for the end of the transaction. */
  async find(erasureId: string): Promise<{ request: ErasureRequest; startedAt: Date } | undefined> {
    const [row]: { request: unknown; startedAt: Date }[] = await manager.query(
      `select request, started_at as "startedAt" from erasure_work
       where erasure_id = $1 and completed_at is null for update`,
      [erasureId],
    );
    return row && { request: ErasureRequested.data.parse(row.request), startedAt: row.startedAt };
  },

  async complete(erasureId: string): Promise<void> {
    await manager.query(
      `update erasure_work set request = null, completed_at = now() where erasure_id = $1 and completed_at is null`,
      [erasureId],
    );
  },

  async counts(erasureId: string): Promise<{ kind: string; count: number }[]> {
    return manager.query(
      `select kind, count::float8 as count from erasure_counts where erasure_id = $1 order by kind`,
      [erasureId],
    );
  },

  /** Rows that are about to be erased, each with its place in the table. */
  pick: (
    { table }: ErasureStep,
    { sql, values }: Condition,
    columns: readonly string[],
  ): Promise<(Record<string, unknown> & { place: string })[]> =>
    manager.query(
      `select ${['ctid::text as place', ...columns].join(', ')} from ${table} where ${sql} limit ${ERASE_AT_ONCE}`,
      [...values],
    ),

  /** Erases or releases some of the rows. @returns how many */
  async change(step: ErasureStep, { sql, values }: Condition, places?: readonly string[]): Promise<number> {
    const { table, set } = step;
    const some =
      places === undefined
        ? `ctid = any(array(select ctid from ${table} where ${sql} limit ${ERASE_AT_ONCE}))`
        : // A row that changed meanwhile has moved; the next look finds it.
          `${sql} and ctid = any($${values.length + 1}::tid[])`;
    const act = step.act === 'erase' ? `delete from ${table}` : `update ${table} set ${set}`;
    const [row]: [{ count: number }] = await manager.query(
      `with done as (${act} where ${some} returning 1) select count(*)::int as count from done`,
      places === undefined ? [...values] : [...values, places],
    );
    return row.count;
  },

  async count({ table }: ErasureStep, { sql, values }: Condition): Promise<number> {
    const [row]: [{ count: number }] = await manager.query(`select count(*)::int as count from ${table} where ${sql}`, [
      ...values,
    ]);
    return row.count;
  },
});
