import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { HoldEntity, type Hold } from './hold.entity.ts';

export const createHoldStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (id: string): Promise<Hold | null> => db.findOneBy(HoldEntity, { workspaceId, id }),
  findByReference: (reference: string): Promise<Hold | null> => db.findOneBy(HoldEntity, { workspaceId, reference }),
  async add(given: Omit<Hold, 'workspaceId'>): Promise<Hold> {
    const hold = { ...given, workspaceId };
    await db.insert(HoldEntity, hold);
    return hold;
  },
  async close(id: string, change: Pick<Hold, 'status' | 'captured' | 'settledAt'>): Promise<void> {
    await db.update(HoldEntity, { workspaceId, id }, change);
  },
});
export type HoldStore = ReturnType<typeof createHoldStore>;
