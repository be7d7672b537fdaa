import type pg from 'pg';
import { z } from 'zod';

/** The effect of handling an event. Nothing in the table forbids a second row, so that one would be seen. */
export const EFFECTS_TABLE = `
  create table effects (
    at bigint generated always as identity primary key,
    workspace_id uuid not null,
    event_id uuid not null,
    hold_id uuid not null,
    captured bigint not null)`;

/** The one statement of every handler. */
export const INSERT_EFFECT = `insert into effects (workspace_id, event_id, hold_id, captured) values ($1, $2, $3, $4)`;

const Counts = z.object({ total: z.int(), distinct: z.int(), disordered: z.int() });

/**
 * Counts effects behind the back of the side that made them.
 * @returns why the run does not count; `undefined` when each event took effect once, in the order of its key
 */
export const faultInEffects = async (
  db: pg.Client,
  table: string,
  expected: number,
  options: { ordered: boolean },
): Promise<string | undefined> => {
  const { rows } = await db.query(
    `select count(*)::int as total, count(distinct event_id)::int as distinct,
       (count(*) filter (where captured < before))::int as disordered
     from (select event_id, captured, lag(captured) over (partition by hold_id order by at) as before from ${table})`,
  );
  const { total, distinct, disordered } = Counts.parse(rows[0]);
  if (distinct < expected) return `${expected - distinct} of ${expected} events took no effect`;
  if (total !== distinct) return `${total - distinct} effects happened more than once`;
  if (distinct > expected) return `${distinct - expected} effects nobody asked for`;
  if (options.ordered && disordered > 0) return `${disordered} events were handled before an earlier one of their key`;
  return undefined;
};
