import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { IntegrationEntity, type Integration } from './integration.entity.ts';

export const createIntegrationStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  ownedBy: (userId: string): Promise<Integration[]> =>
    db.find(IntegrationEntity, { where: { workspaceId, userId }, order: { connectedAt: 'ASC', id: 'ASC' } }),

  /** @returns the id of the row, which stays when the account was connected before */
  async save(integration: Omit<Integration, 'workspaceId'>): Promise<string> {
    // In one statement, so that of two at once neither fails.
    const saved = await db
      .createQueryBuilder()
      .insert()
      .into(IntegrationEntity)
      .values({ ...integration, workspaceId })
      .orUpdate(
        ['account', 'scopes', 'sealed_token', 'connected_at'],
        ['workspace_id', 'user_id', 'provider', 'subject'],
      )
      .returning('id')
      .execute();
    const [row] = saved.raw as [{ id: string }];
    return row.id;
  },
});
