import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { SpendingSettingsEntity, type SpendingSettings } from './settings.entity.ts';

export const createSettingsStore = (db: EntityManager, { workspaceId }: Tenant) => {
  const usual = (): SpendingSettings => ({
    workspaceId,
    timeZone: 'UTC',
    lowBalance: null,
    balanceState: 'fine',
    creditedSeq: 0n,
    createdAt: new Date(0),
  });
  return {
    /** The settings, or those that a workspace has before it has any. */
    read: async (): Promise<SpendingSettings> =>
      (await db.findOneBy(SpendingSettingsEntity, { workspaceId })) ?? usual(),

    /** Changes some of them, beginning with the usual ones where there are none. */
    async change(change: Partial<Omit<SpendingSettings, 'workspaceId'>>): Promise<void> {
      const { affected } = await db.update(SpendingSettingsEntity, { workspaceId }, change);
      if (affected) return;
      await db
        .createQueryBuilder()
        .insert()
        .into(SpendingSettingsEntity)
        .values({ ...usual(), createdAt: new Date() })
        .orIgnore()
        .execute();
      await db.update(SpendingSettingsEntity, { workspaceId }, change);
    },
  };
};
export type SettingsStore = ReturnType<typeof createSettingsStore>;
