import { z } from 'zod';
import { Locale, TimeZone } from '../users/user.schema.ts';

export const Theme = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof Theme>;

/** What a person can be told of. What concerns the safety of the account is told always, so it is not here. */
const topics = { conversations: true, documents: true, meetings: true, billing: true };
type Topic = keyof typeof topics;

const choices = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ conversations: value, documents: value, meetings: value, billing: value } satisfies Record<
    Topic,
    Value
  >);

const Choices = choices(z.boolean());
const ChangedChoices = choices(z.boolean().optional());

export const Notifications = z.strictObject({ email: Choices, app: Choices });
export type Notifications = z.infer<typeof Notifications>;

export const DEFAULT_NOTIFICATIONS: Notifications = { email: { ...topics, conversations: false }, app: topics };

/** What is left out stays as it is. */
export const ChangePreferences = z.strictObject({
  locale: Locale.optional(),
  timeZone: TimeZone.optional(),
  theme: Theme.optional(),
  notifications: z.strictObject({ email: ChangedChoices.optional(), app: ChangedChoices.optional() }).optional(),
});
export type ChangePreferences = z.infer<typeof ChangePreferences>;

export const PreferencesView = z
  .object({ locale: Locale, timeZone: z.string(), theme: Theme, notifications: Notifications })
  .meta({ id: 'Preferences' });
export type Preferences = z.infer<typeof PreferencesView>;

const mergeChoices = (
  before: z.infer<typeof Choices>,
  change: z.infer<typeof ChangedChoices> | undefined,
): z.infer<typeof Choices> => ({
  conversations: change?.conversations ?? before.conversations,
  documents: change?.documents ?? before.documents,
  meetings: change?.meetings ?? before.meetings,
  billing: change?.billing ?? before.billing,
});

/** The preferences after a change; pure. */
export const applyPreferences = (before: Preferences, change: ChangePreferences): Preferences => ({
  locale: change.locale ?? before.locale,
  timeZone: change.timeZone ?? before.timeZone,
  theme: change.theme ?? before.theme,
  notifications: {
    email: mergeChoices(before.notifications.email, change.notifications?.email),
    app: mergeChoices(before.notifications.app, change.notifications?.app),
  },
});
