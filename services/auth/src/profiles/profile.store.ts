import type { EntityManager } from 'typeorm';
import { UserEntity, type User } from '../users/user.entity.ts';
import { PreferenceEntity, ProfileEntity, type Preference, type Profile } from './profile.entity.ts';

/** What belongs to one person, in whatever workspace they are; every query names them. */
export const createProfileStore = (manager: EntityManager, userId: string) => ({
  /** Waits until whoever else changes the same person is done. */
  lockUser: (): Promise<User | null> =>
    manager.findOne(UserEntity, { where: { id: userId }, lock: { mode: 'for_no_key_update' } }),
  findUser: (): Promise<User | null> => manager.findOneBy(UserEntity, { id: userId }),
  async updateUser(change: Partial<Pick<User, 'name' | 'locale' | 'timeZone'>>): Promise<void> {
    await manager.update(UserEntity, { id: userId }, change);
  },
  findProfile: (): Promise<Profile | null> => manager.findOneBy(ProfileEntity, { userId }),
  async saveProfile(profile: Omit<Profile, 'userId'>): Promise<void> {
    await manager.upsert(ProfileEntity, { ...profile, userId }, ['userId']);
  },
  findPreference: (): Promise<Preference | null> => manager.findOneBy(PreferenceEntity, { userId }),
  async savePreference(preference: Omit<Preference, 'userId'>): Promise<void> {
    await manager.upsert(PreferenceEntity, { ...preference, userId }, ['userId']);
  },
});
export type ProfileStore = ReturnType<typeof createProfileStore>;
