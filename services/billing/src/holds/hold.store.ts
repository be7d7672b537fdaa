import type { Tenant } from '@atrium/service-kit';
import type { DataSource, EntityManager } from 'typeorm';
import { HoldEntity, type Hold } from './hold.entity.ts';

export const createHoldStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (id: string): Promise<Hold | null> => db.findOneBy(HoldEntity, { workspaceId, id }),
  findByReference: (reference: string): Promise<Hold | null> => db.findOneBy(HoldEntity, { workspaceId, reference }),
  async close(id: string, change: Pick<Hold, 'status' | 'captured' | 'captures' | 'settledAt'>): Promise<void> {
    await db.update(HoldEntity, { workspaceId, id }, { ...change, remaining: 0n });
  },
});
export type HoldStore = ReturnType<typeof createHoldStore>;

/** Open holds of every workspace whose time is over, oldest first. */
export const findDueHolds = (db: DataSource, at: Date, limit: number): Promise<{ id: string; workspaceId: string }[]> =>
  db.transaction(async (manager) => {
    await manager.query(
      `select set_config('app.sweep', 'holds', true), set_config('transaction_read_only', 'on', true)`,
    );
    return manager.query(
      `select id, workspace_id as "workspaceId" from holds where status = 'open' and expires_at <= $1
       order by expires_at limit $2`,
      [at, limit],
    );
  });
