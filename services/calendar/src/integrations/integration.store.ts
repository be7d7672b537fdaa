import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { IntegrationEntity, type Integration } from './integration.entity.ts';

export const createIntegrationStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  ownedBy: (userId: string): Promise<Integration[]> =>
    db.find(IntegrationEntity, { where: { workspaceId, userId }, order: { connectedAt: 'ASC', id: 'ASC' } }),

  /** @returns the id of the row, which stays when the account was connected before */
  async save(integration: Omit<Integration, 'workspaceId'>): Promise<string> {
    const key = {
      workspaceId,
      userId: integration.userId,
      provider: integration.provider,
      subject: integration.subject,
    };
    const known = await db.findOne(IntegrationEntity, { where: key, lock: { mode: 'pessimistic_write' } });
    const id = known?.id ?? integration.id;
    await db.save(IntegrationEntity, { ...integration, workspaceId, id });
    return id;
  },
});
