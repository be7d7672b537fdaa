import type { EntityManager } from 'typeorm';
import { ExternalIdentityEntity, type ExternalIdentity } from './identity.entity.ts';

/** The table of accounts elsewhere; they belong to people, not to workspaces. */
export const createIdentityStore = (manager: EntityManager) => ({
  ownerOf: async (subject: string): Promise<string | undefined> =>
    (await manager.findOneBy(ExternalIdentityEntity, { provider: 'google', subject }))?.userId,
  async add(identity: Omit<ExternalIdentity, 'provider'>): Promise<void> {
    await manager.insert(ExternalIdentityEntity, { ...identity, provider: 'google' });
  },
});
export type IdentityStore = ReturnType<typeof createIdentityStore>;
