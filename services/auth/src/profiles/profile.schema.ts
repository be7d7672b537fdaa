import { z } from 'zod';
import type { User } from '../users/user.entity.ts';
import type { Profile } from './profile.entity.ts';

const Name = z.string().trim().min(1).max(100);
/** An empty text takes away what was there. */
const text = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .nullable()
    .transform((value) => value || null);

/** What is left out stays as it is. */
export const ChangeProfile = z.strictObject({
  name: Name.optional(),
  jobTitle: text(100).optional(),
  company: text(100).optional(),
  about: text(2_000).optional(),
});
export type ChangeProfile = z.infer<typeof ChangeProfile>;

/** What is left out is taken away. */
export const ReplaceProfile = z.strictObject({
  name: Name,
  jobTitle: text(100).default(null),
  company: text(100).default(null),
  about: text(2_000).default(null),
});

export const ProfileView = z
  .object({
    id: z.uuid(),
    email: z.email(),
    name: z.string(),
    jobTitle: z.string().nullable(),
    company: z.string().nullable(),
    about: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Profile' });

export const viewProfile = ({
  user,
  profile,
}: {
  user: User;
  profile: Omit<Profile, 'userId'>;
}): z.input<typeof ProfileView> => ({
  id: user.id,
  email: user.email,
  name: user.name,
  jobTitle: profile.jobTitle,
  company: profile.company,
  about: profile.about,
  createdAt: user.createdAt.toISOString(),
});
