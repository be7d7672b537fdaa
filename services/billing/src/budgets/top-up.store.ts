import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import type { TopUpProblem } from './top-up.problem.ts';
import type { TopUpRule, TopUpsSoFar } from './top-up.ts';

export interface StoredRule extends TopUpRule {
  /** Since when it waits for somebody, and why. */
  readonly pausedAt: Date | null;
  readonly pausedCode: TopUpProblem | null;
  readonly updatedAt: Date;
}

export interface AutoTopUp {
  readonly id: string;
  readonly amount: bigint;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly code: TopUpProblem | null;
  /** The card that was to be charged, from the moment on in which it might have been. */
  readonly customerId: string | null;
  readonly methodId: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

type Text<Row> = { [Name in keyof Row]: Row[Name] extends bigint ? string : Row[Name] };

const ROW = `id, amount, status, code, customer_id as "customerId", method_id as "methodId",
  created_at as "createdAt", finished_at as "finishedAt"`;
const read = (row: Text<AutoTopUp>): AutoTopUp => ({ ...row, amount: BigInt(row.amount) });

export const createTopUpStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async rule(): Promise<StoredRule | null> {
    const [row]: [Text<StoredRule> | undefined] = await db.query(
      `select enabled, threshold, amount, most_per_day as "mostPerDay", most_per_month as "mostPerMonth",
         paused_at as "pausedAt", paused_code as "pausedCode", updated_at as "updatedAt"
       from top_up_rules where workspace_id = $1`,
      [workspaceId],
    );
    if (!row) return null;
    return {
      ...row,
      threshold: BigInt(row.threshold),
      amount: BigInt(row.amount),
      mostPerDay: BigInt(row.mostPerDay),
      mostPerMonth: BigInt(row.mostPerMonth),
    };
  },

  /** Sets the rule, which goes on if it was paused. */
  async setRule({ enabled, threshold, amount, mostPerDay, mostPerMonth }: TopUpRule, at: Date): Promise<void> {
    await db.query(
      `insert into top_up_rules (workspace_id, enabled, threshold, amount, most_per_day, most_per_month, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (workspace_id) do update set enabled = $2, threshold = $3, amount = $4, most_per_day = $5,
         most_per_month = $6, updated_at = $7, paused_at = null, paused_code = null`,
      [workspaceId, enabled, String(threshold), String(amount), String(mostPerDay), String(mostPerMonth), at],
    );
  },

  async pause(code: TopUpProblem, at: Date): Promise<void> {
    await db.query(
      `update top_up_rules set paused_at = $3, paused_code = $2 where workspace_id = $1 and enabled and paused_at is null`,
      [workspaceId, code, at],
    );
  },

  async resume(at: Date): Promise<void> {
    await db.query(
      `update top_up_rules set paused_at = null, paused_code = null, updated_at = $2 where workspace_id = $1`,
      [workspaceId, at],
    );
  },

  async add(id: string, amount: bigint, at: Date): Promise<void> {
    await db.query(
      `insert into auto_top_ups (id, workspace_id, amount, status, created_at) values ($1, $2, $3, 'pending', $4)`,
      [id, workspaceId, amount.toString(), at],
    );
  },

  /** Notes the card that is going to be charged, before anybody is asked to. */
  async charge(id: string, card: { customerId: string; methodId: string }): Promise<void> {
    await db.query(`update auto_top_ups set customer_id = $3, method_id = $4 where workspace_id = $1 and id = $2`, [
      ...[workspaceId, id],
      ...[card.customerId, card.methodId],
    ]);
  },

  /** Ends one; money that arrives counts although it was given up. False when it had ended so before. */
  async finish(id: string, status: 'succeeded' | 'failed', code: TopUpProblem | null, at: Date): Promise<boolean> {
    const [, count]: [unknown, number] = await db.query(
      `update auto_top_ups set status = $3::text, code = $4, finished_at = $5
       where workspace_id = $1 and id = $2 and (status = 'pending' or (status = 'failed' and $3 = 'succeeded'))`,
      [workspaceId, id, status, code, at],
    );
    return count > 0;
  },

  async find(id: string): Promise<AutoTopUp | undefined> {
    const [row]: [Text<AutoTopUp> | undefined] = await db.query(
      `select ${ROW} from auto_top_ups where workspace_id = $1 and id = $2`,
      [workspaceId, id],
    );
    return row && read(row);
  },

  async latest(): Promise<AutoTopUp | undefined> {
    const [row]: [Text<AutoTopUp> | undefined] = await db.query(
      `select ${ROW} from auto_top_ups where workspace_id = $1 order by created_at desc, id desc limit 1`,
      [workspaceId],
    );
    return row && read(row);
  },

  /** What was asked for since a day and a month began, and whether one failed after a moment. */
  async soFar(day: Date, month: Date, failedAfter: Date): Promise<Omit<TopUpsSoFar, 'paused'>> {
    const [row]: [{ pending: boolean; failedLately: boolean; today: string; thisMonth: string }] = await db.query(
      `select count(*) filter (where status = 'pending') > 0 as pending,
         count(*) filter (where status = 'failed' and finished_at > $4) > 0 as "failedLately",
         coalesce(sum(amount) filter (where status <> 'failed' and created_at >= $2), 0) as today,
         coalesce(sum(amount) filter (where status <> 'failed' and created_at >= $3), 0) as "thisMonth"
       from auto_top_ups where workspace_id = $1`,
      [workspaceId, day, month, failedAfter],
    );
    return { ...row, today: BigInt(row.today), thisMonth: BigInt(row.thisMonth) };
  },
});
export type TopUpStore = ReturnType<typeof createTopUpStore>;
