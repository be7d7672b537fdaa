import type { Cursor, Tenant } from '@atrium/service-kit';
import { IsNull, MoreThan, type EntityManager } from 'typeorm';
import { ApiKeyEntity, type ApiKey } from './api-key.entity.ts';

/** The table of API keys. */
export const createApiKeyStore = (manager: EntityManager, { workspaceId }: Tenant) => ({
  async add(key: Omit<ApiKey, 'workspaceId'>): Promise<ApiKey> {
    const row = { ...key, workspaceId };
    await manager.insert(ApiKeyEntity, row);
    return row;
  },
  find: (id: string): Promise<ApiKey | null> => manager.findOneBy(ApiKeyEntity, { workspaceId, id }),
  lock: (id: string): Promise<ApiKey | null> =>
    manager.findOne(ApiKeyEntity, { where: { workspaceId, id }, lock: { mode: 'pessimistic_write' } }),
  async update(id: string, change: Partial<ApiKey>): Promise<void> {
    await manager.update(ApiKeyEntity, { workspaceId, id }, change);
  },
  countActive: (userId: string, now: Date): Promise<number> =>
    manager.countBy(ApiKeyEntity, { workspaceId, userId, revokedAt: IsNull(), expiresAt: MoreThan(now) }),

  /** The newest first. @param userId whose; everybody's when absent */
  list(userId: string | undefined, after: Cursor | undefined, limit: number): Promise<ApiKey[]> {
    const query = manager
      .createQueryBuilder(ApiKeyEntity, 'key')
      .where('key.workspaceId = :workspaceId', { workspaceId })
      .orderBy('key.createdAt', 'DESC')
      .addOrderBy('key.id', 'DESC')
      .limit(limit);
    if (userId !== undefined) query.andWhere('key.userId = :userId', { userId });
    if (after) query.andWhere('(key.createdAt, key.id) < (:at::timestamptz, :id::uuid)', { ...after });
    return query.getMany();
  },

  /** The one query that crosses workspaces: by a key's hash, which only its holder can name. */
  async findByHash(hash: Buffer): Promise<ApiKey | null> {
    await manager.query(`select set_config('app.api_key_hash', $1, true)`, [hash.toString('hex')]);
    return manager.findOneBy(ApiKeyEntity, { hash });
  },
});
export type ApiKeyStore = ReturnType<typeof createApiKeyStore>;
