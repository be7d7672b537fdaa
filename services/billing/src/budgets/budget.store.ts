import type { Tenant } from '@atrium/service-kit';
import { In, type EntityManager } from 'typeorm';
import type { Period } from '../settings/zone.ts';
import {
  BudgetEntity,
  BudgetPeriodEntity,
  BudgetReservationEntity,
  type Budget,
  type BudgetPeriod,
  type BudgetReservation,
} from './budget.entity.ts';

/** The column of holds and usage records that a budget's subject is compared with. */
const SUBJECTS = { workspace: 'null::uuid', agent: 'agent_id', user: 'user_id', api_key: 'api_key_id' } as const;

/** Before every id that was made at a moment or later, so that what is older is not read; clocks may differ by a minute. */
const firstIdOf = (at: Date): string => {
  const ms = Math.max(0, at.getTime() - 60_000);
  return (
    ms
      .toString(16)
      .padStart(12, '0')
      .replace(/^(.{8})/, '$1-') + '-0000-0000-000000000000'
  );
};

export const createBudgetStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  list: (): Promise<Budget[]> => db.find(BudgetEntity, { where: { workspaceId }, order: { id: 'ASC' } }),

  /** Locks the budgets of a workspace until the transaction ends, in the order of their ids. */
  lock: (): Promise<Budget[]> =>
    db.find(BudgetEntity, { where: { workspaceId }, order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } }),

  async add(given: Omit<Budget, 'workspaceId'>): Promise<Budget> {
    const budget = { ...given, workspaceId };
    await db.insert(BudgetEntity, budget);
    return budget;
  },
  async change(id: string, change: Pick<Budget, 'amount' | 'mode' | 'updatedAt'>): Promise<void> {
    await db.update(BudgetEntity, { workspaceId, id }, change);
  },
  async remove(ids: string[]): Promise<void> {
    if (ids.length > 0) await db.delete(BudgetEntity, { workspaceId, id: In(ids) });
  },

  /** The counters of periods that these budgets are in. */
  periods: (of: readonly { budgetId: string; startsAt: Date }[]): Promise<BudgetPeriod[]> =>
    of.length === 0
      ? Promise.resolve([])
      : db.findBy(
          BudgetPeriodEntity,
          of.map((one) => ({ ...one, workspaceId })),
        ),

  /** Adds to a counter, opening it at zero where the period is new, and returns it as it is then. */
  async count(
    budgetId: string,
    { start, end }: Period,
    change: { reserved: bigint; spent: bigint },
  ): Promise<BudgetPeriod> {
    await db.query(
      `insert into budget_periods (workspace_id, budget_id, starts_at, ends_at) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [workspaceId, budgetId, start, end],
    );
    await db.query(
      `update budget_periods set reserved = reserved + $4::bigint, spent = spent + $5::bigint
       where workspace_id = $1 and budget_id = $2 and starts_at = $3`,
      [workspaceId, budgetId, start, change.reserved.toString(), change.spent.toString()],
    );
    return db.findOneByOrFail(BudgetPeriodEntity, { workspaceId, budgetId, startsAt: start });
  },

  async told(budgetId: string, startsAt: Date, told: number): Promise<void> {
    await db.update(BudgetPeriodEntity, { workspaceId, budgetId, startsAt }, { told });
  },

  async reserve(rows: readonly Omit<BudgetReservation, 'workspaceId'>[]): Promise<void> {
    if (rows.length > 0)
      await db.insert(
        BudgetReservationEntity,
        rows.map((row) => ({ ...row, workspaceId })),
      );
  },

  /** Takes the reservations of a hold away and returns what they were. */
  async takeReservations(holdId: string): Promise<BudgetReservation[]> {
    const rows = await db.findBy(BudgetReservationEntity, { workspaceId, holdId });
    if (rows.length > 0) await db.delete(BudgetReservationEntity, { workspaceId, holdId });
    return rows;
  },

  /** What was spent since then by whom a budget is for. */
  async spentSince({ scope, subject }: Pick<Budget, 'scope' | 'subject'>, since: Date): Promise<bigint> {
    const [row]: [{ spent: string }] =
      scope === 'workspace'
        ? // Charges and captures leave no record of usage when no run was behind them; the books have all of them.
          await db.query(
            `select coalesce(sum(p.amount), 0) as spent from entries e
             join postings p on p.workspace_id = e.workspace_id and p.entry_id = e.id
             join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id and a.kind = 'spent'
             where e.workspace_id = $1 and e.created_at >= $2 and e.id >= $3`,
            [workspaceId, since, firstIdOf(since)],
          )
        : await db.query(
            `select coalesce((select sum(charged) from usage_records
               where workspace_id = $1 and created_at >= $2 and ${SUBJECTS[scope]} = $3), 0)
             + coalesce((select sum(h.captured) from holds h
               where h.workspace_id = $1 and h.created_at >= $2 and h.captured > 0 and h.${SUBJECTS[scope]} = $3
                 and not exists (select from usage_records u where u.workspace_id = $1 and u.hold_id = h.id)), 0) as spent`,
            [workspaceId, since, subject],
          );
    return BigInt(row.spent);
  },

  /** Holds that are open since then, of whom a budget is for. */
  async openSince({ scope, subject }: Pick<Budget, 'scope' | 'subject'>, since: Date) {
    const rows: { id: string; amount: string }[] = await db.query(
      `select id, remaining as amount from holds where workspace_id = $1 and status = 'open' and created_at >= $2
         and ($3::uuid is null or ${SUBJECTS[scope]} = $3)`,
      [workspaceId, since, subject],
    );
    return rows.map(({ id, amount }) => ({ id, amount: BigInt(amount) }));
  },

  /** Takes back all that is reserved of a budget, in whatever period. */
  async unreserve(budgetId: string): Promise<void> {
    await db.delete(BudgetReservationEntity, { workspaceId, budgetId });
    await db.query(`update budget_periods set reserved = 0 where workspace_id = $1 and budget_id = $2`, [
      workspaceId,
      budgetId,
    ]);
  },

  /** Whether there is any budget at all. */
  some: (): Promise<boolean> => db.existsBy(BudgetEntity, { workspaceId }),
});
export type BudgetStore = ReturnType<typeof createBudgetStore>;
