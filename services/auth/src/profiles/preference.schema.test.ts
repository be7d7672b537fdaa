import { describe, expect, it } from '@jest/globals';
import { applyPreferences, ChangePreferences, DEFAULT_NOTIFICATIONS, type Preferences } from './preference.schema.ts';

const before: Preferences = {
  locale: 'pt',
  timeZone: 'Europe/Lisbon',
  theme: 'system',
  notifications: DEFAULT_NOTIFICATIONS,
};

describe('changing preferences', () => {
  it('changes what is named and nothing else', () => {
    expect(applyPreferences(before, {})).toEqual(before);
    const after = applyPreferences(before, { theme: 'dark', notifications: { email: { billing: false } } });
    expect(after).toEqual({
      ...before,
      theme: 'dark',
      notifications: { ...before.notifications, email: { ...before.notifications.email, billing: false } },
    });
  });

  it('knows what can be chosen', () => {
    for (const wrong of [
      { theme: 'pink' },
      { timeZone: '+02:00' },
      { locale: 'fr' },
      { notifications: { email: { security: false } } },
      { notifications: { sms: {} } },
      { role: 'owner' },
    ])
      expect(ChangePreferences.safeParse(wrong).success).toBe(false);
  });
});
