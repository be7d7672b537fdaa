import type { Tenant } from '@atrium/service-kit';
import { LessThan, type EntityManager } from 'typeorm';
import { UsageEntity, type UsageRecord } from './usage.entity.ts';

export const createUsageStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async add(records: readonly Omit<UsageRecord, 'workspaceId'>[]): Promise<void> {
    if (records.length > 0)
      await db.insert(
        UsageEntity,
        records.map((record) => ({ ...record, workspaceId })),
      );
  },
  isRecorded: (runId: string): Promise<boolean> => db.existsBy(UsageEntity, { workspaceId, runId }),
  /** Newest first. @param before only records that were made before this id */
  list: (limit: number, before: string | undefined): Promise<UsageRecord[]> =>
    db.find(UsageEntity, {
      where: { workspaceId, ...(before === undefined ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: limit,
    }),
});
export type UsageStore = ReturnType<typeof createUsageStore>;
