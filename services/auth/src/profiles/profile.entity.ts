import { EntitySchema } from 'typeorm';
import type { Notifications, Theme } from './preference.schema.ts';

/** What a person says about themselves beyond their account; no row until they say something. */
export interface Profile {
  userId: string;
  jobTitle: string | null;
  company: string | null;
  about: string | null;
}

export const ProfileEntity = new EntitySchema<Profile>({
  name: 'Profile',
  tableName: 'profiles',
  columns: {
    userId: { type: 'uuid', primary: true },
    jobTitle: { type: 'text', nullable: true },
    company: { type: 'text', nullable: true },
    about: { type: 'text', nullable: true },
  },
});

/** How a person wants things beyond language and time zone, which are of the account. */
export interface Preference {
  userId: string;
  theme: Theme;
  notifications: Notifications;
}

export const PreferenceEntity = new EntitySchema<Preference>({
  name: 'Preference',
  tableName: 'preferences',
  columns: {
    userId: { type: 'uuid', primary: true },
    theme: { type: 'text' },
    notifications: { type: 'jsonb' },
  },
});
