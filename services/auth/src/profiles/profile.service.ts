import { notFound } from '@atrium/service-kit';
import type { User } from '../users/user.entity.ts';
import { Locale } from '../users/user.schema.ts';
import {
  applyPreferences,
  DEFAULT_NOTIFICATIONS,
  type ChangePreferences,
  type Preferences,
} from './preference.schema.ts';
import type { Profile } from './profile.entity.ts';
import type { ChangeProfile } from './profile.schema.ts';
import type { ProfileStore } from './profile.store.ts';

const EMPTY: Omit<Profile, 'userId'> = { jobTitle: null, company: null, about: null };

/** What a person says about themselves and how they want things, inside one transaction. */
export const createProfileService = (store: ProfileStore, userId: string) => {
  const known = (user: User | null): User => user ?? notFound('user', userId);

  const preferencesOf = async ({ locale, timeZone }: User): Promise<Preferences> => {
    const kept = await store.findPreference();
    return {
      locale: Locale.parse(locale),
      timeZone,
      theme: kept?.theme ?? 'system',
      notifications: kept?.notifications ?? DEFAULT_NOTIFICATIONS,
    };
  };

  return {
    async profile() {
      return { user: known(await store.findUser()), profile: (await store.findProfile()) ?? EMPTY };
    },

    async changeProfile({ name, ...change }: ChangeProfile) {
      const user = known(await store.lockUser());
      const before = (await store.findProfile()) ?? EMPTY;
      const profile = {
        jobTitle: change.jobTitle === undefined ? before.jobTitle : change.jobTitle,
        company: change.company === undefined ? before.company : change.company,
        about: change.about === undefined ? before.about : change.about,
      };
      if (name !== undefined) await store.updateUser({ name });
      await store.saveProfile(profile);
      return { user: { ...user, name: name ?? user.name }, profile };
    },

    async preferences(): Promise<Preferences> {
      return preferencesOf(known(await store.findUser()));
    },

    async changePreferences(change: ChangePreferences): Promise<Preferences> {
      const before = await preferencesOf(known(await store.lockUser()));
      const { locale, timeZone, ...preference } = applyPreferences(before, change);
      await store.updateUser({ locale, timeZone });
      await store.savePreference(preference);
      return { locale, timeZone, ...preference };
    },
  };
};
export type ProfileService = ReturnType<typeof createProfileService>;
