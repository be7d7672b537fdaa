import type { Tenant } from '@atrium/service-kit';
import { LessThan, type EntityManager } from 'typeorm';
import { UsageEntity, type UsageRecord } from './usage.entity.ts';
import type { Grouping } from './usage.groups.ts';

/** One group with its sums; `keys` in the order that was asked. */
export interface UsageGroup {
  readonly keys: readonly (string | null)[];
  readonly records: number;
  readonly inputTokens: bigint;
  readonly cachedInputTokens: bigint;
  readonly outputTokens: bigint;
  readonly cost: bigint;
  readonly charged: bigint;
}

interface GroupRow {
  keys: (string | null)[];
  records: string;
  input: string;
  cached: string;
  output: string;
  cost: string;
  charged: string;
}

export const createUsageStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async add(records: readonly Omit<UsageRecord, 'workspaceId'>[]): Promise<void> {
    if (records.length > 0)
      await db.insert(
        UsageEntity,
        records.map((record) => ({ ...record, workspaceId })),
      );
  },
  isRecorded: (runId: string): Promise<boolean> => db.existsBy(UsageEntity, { workspaceId, runId }),
  isMeasured: (reference: string): Promise<boolean> => db.existsBy(UsageEntity, { workspaceId, reference }),
  /** Newest first. @param before only records that were made before this id */
  async list(
    limit: number,
    before: string | undefined,
    range: { from?: Date | undefined; to?: Date | undefined } = {},
  ): Promise<UsageRecord[]> {
    if (!range.from && !range.to)
      return db.find(UsageEntity, {
        where: { workspaceId, ...(before === undefined ? {} : { id: LessThan(before) }) },
        order: { id: 'DESC' },
        take: limit,
      });
    return db
      .createQueryBuilder(UsageEntity, 'u')
      .where('u.workspaceId = :workspaceId', { workspaceId })
      .andWhere('u.createdAt >= :from and u.createdAt < :to', {
        from: range.from ?? new Date(0),
        to: range.to ?? new Date('9999-01-01'),
      })
      .andWhere(before === undefined ? 'true' : 'u.id < :before', { before })
      .orderBy('u.id', 'DESC')
      .take(limit)
      .getMany();
  },

  /** Sums by group, in the order of the keys. @param after only groups behind these keys */
  async groups(asked: {
    grouping: Grouping;
    from: Date;
    to: Date;
    limit: number;
    after: readonly (string | null)[] | undefined;
  }): Promise<UsageGroup[]> {
    const { grouping, from, to, limit, after } = asked;
    const first = 4 + grouping.values.length;
    const keys = grouping.expressions.map((sql, at) => `${sql} as k${at}`).join(', ');
    const names = grouping.expressions.map((_sql, at) => `k${at}`);
    // Groups without a key come first; the pair of flag and text orders them the same way everywhere.
    const order = names.flatMap((name) => [`(${name} is not null)`, `coalesce(${name}, '') collate "C"`]);
    const behind = names.flatMap((_name, at) => [`($${first + at}::text is not null)`, `coalesce($${first + at}, '')`]);
    const rows: GroupRow[] = await db.query(
      `select array[${names.join(', ')}] as keys, count(*) as records, sum(input_tokens) as input,
         sum(cached_input_tokens) as cached, sum(output_tokens) as output, sum(cost) as cost, sum(charged) as charged
       from (select ${keys}, * from usage_records where workspace_id = $1 and created_at >= $2 and created_at < $3) used
       ${after === undefined ? '' : `where (${order.join(', ')}) > (${behind.join(', ')})`}
       group by ${names.join(', ')} order by ${order.join(', ')} limit ${limit}`,
      [workspaceId, from, to, ...grouping.values, ...(after ?? [])],
    );
    return rows.map((row) => ({
      keys: row.keys,
      records: Number(row.records),
      inputTokens: BigInt(row.input),
      cachedInputTokens: BigInt(row.cached),
      outputTokens: BigInt(row.output),
      cost: BigInt(row.cost),
      charged: BigInt(row.charged),
    }));
  },
});
export type UsageStore = ReturnType<typeof createUsageStore>;
