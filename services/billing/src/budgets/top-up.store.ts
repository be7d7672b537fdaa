import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import type { TopUpRule } from './top-up.ts';

export interface AutoTopUp {
  readonly id: string;
  readonly amount: bigint;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

type Text<Row> = { [Name in keyof Row]: Row[Name] extends bigint ? string : Row[Name] };

const ROW = `id, amount, status, reason, created_at as "createdAt", finished_at as "finishedAt"`;
const read = (row: Text<AutoTopUp>): AutoTopUp => ({ ...row, amount: BigInt(row.amount) });

export const createTopUpStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async rule(): Promise<TopUpRule | null> {
    const [row]: [Text<TopUpRule> | undefined] = await db.query(
      `select enabled, threshold, amount, most_per_day as "mostPerDay", most_per_month as "mostPerMonth"
       from top_up_rules where workspace_id = $1`,
      [workspaceId],
    );
    if (!row) return null;
    const { enabled, threshold, amount, mostPerDay, mostPerMonth } = row;
    return {
      enabled,
      threshold: BigInt(threshold),
      amount: BigInt(amount),
      mostPerDay: BigInt(mostPerDay),
      mostPerMonth: BigInt(mostPerMonth),
    };
  },

  async setRule({ enabled, threshold, amount, mostPerDay, mostPerMonth }: TopUpRule, at: Date): Promise<void> {
    await db.query(
      `insert into top_up_rules (workspace_id, enabled, threshold, amount, most_per_day, most_per_month, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (workspace_id) do update set enabled = $2, threshold = $3, amount = $4, most_per_day = $5,
         most_per_month = $6, updated_at = $7`,
      [workspaceId, enabled, String(threshold), String(amount), String(mostPerDay), String(mostPerMonth), at],
    );
  },

  async add(id: string, amount: bigint, at: Date): Promise<void> {
    await db.query(
      `insert into auto_top_ups (id, workspace_id, amount, status, created_at) values ($1, $2, $3, 'pending', $4)`,
      [id, workspaceId, amount.toString(), at],
    );
  },

  /** Ends one that is pending; false when it has ended before. */
  async finish(id: string, status: 'succeeded' | 'failed', reason: string | null, at: Date): Promise<boolean> {
    const [, count]: [unknown, number] = await db.query(
      `update auto_top_ups set status = $3, reason = $4, finished_at = $5
       where workspace_id = $1 and id = $2 and status = 'pending'`,
      [workspaceId, id, status, reason, at],
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

  /** Newest first. */
  async since(at: Date): Promise<AutoTopUp[]> {
    const rows: Text<AutoTopUp>[] = await db.query(
      `select ${ROW} from auto_top_ups where workspace_id = $1 and (created_at >= $2 or status = 'pending')
       order by created_at desc, id desc limit 200`,
      [workspaceId, at],
    );
    return rows.map(read);
  },
});
export type TopUpStore = ReturnType<typeof createTopUpStore>;
