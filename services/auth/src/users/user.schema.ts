import { z } from 'zod';
import type { User } from './user.entity.ts';

export const Email = z.email().max(254).toLowerCase();

/** Any characters, counted as people count them: an emoji is one. */
export const NewPassword = z
  .string()
  .refine((text) => text.isWellFormed(), 'The password is not valid Unicode.')
  .refine((text) => [...text].length >= 8 && [...text].length <= 128, 'The password must have 8 to 128 characters.')
  .meta({ minLength: 8, maxLength: 128 });

export const Locale = z.enum(['en', 'pt', 'es']);
export type Locale = z.infer<typeof Locale>;

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** An IANA name; plain offsets are refused, since they know no summer time. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z]/, 'Send an IANA time zone, such as Europe/Lisbon.')
  .refine(isZone, 'Send an IANA time zone, such as Europe/Lisbon.');

export const UserView = z
  .object({
    id: z.uuid(),
    email: z.email(),
    emailVerified: z.boolean(),
    name: z.string(),
    locale: Locale,
    timeZone: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const viewUser = ({
  id,
  email,
  emailVerifiedAt,
  name,
  locale,
  timeZone,
  createdAt,
}: User): z.input<typeof UserView> => ({
  id,
  email,
  emailVerified: emailVerifiedAt !== null,
  name,
  locale: Locale.parse(locale),
  timeZone,
  createdAt: createdAt.toISOString(),
});
