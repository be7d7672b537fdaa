import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { SubscriptionEntity, type Subscription } from './subscription.entity.ts';

export const createSubscriptionStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (): Promise<Subscription | null> => db.findOneBy(SubscriptionEntity, { workspaceId }),

  lock: (): Promise<Subscription | null> =>
    db.findOne(SubscriptionEntity, { where: { workspaceId }, lock: { mode: 'pessimistic_write' } }),

  /** Adds the first one of a workspace; somebody else's stays. */
  async begin(given: Omit<Subscription, 'workspaceId'>): Promise<void> {
    await db
      .createQueryBuilder()
      .insert()
      .into(SubscriptionEntity)
      .values({ ...given, workspaceId })
      .orIgnore()
      .execute();
  },

  async change(change: Partial<Omit<Subscription, 'workspaceId'>>): Promise<void> {
    await db.update(SubscriptionEntity, { workspaceId }, change);
  },
});
export type SubscriptionStore = ReturnType<typeof createSubscriptionStore>;
