import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { ProfileEntity, type Profile } from './profile.entity.ts';

export const createProfileStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (): Promise<Profile | null> => db.findOneBy(ProfileEntity, { workspaceId }),
  /** What is not named stays as it is. */
  async save(profile: Omit<Profile, 'workspaceId' | 'customerId'> & { customerId?: string }): Promise<void> {
    await db.upsert(ProfileEntity, { ...profile, workspaceId }, ['workspaceId']);
  },
});
export type ProfileStore = ReturnType<typeof createProfileStore>;
