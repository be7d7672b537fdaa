import { dataKeys, ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';

/** Settings of calendar. */
export const CalendarConfig = ServiceConfig.extend({
  /** Encrypt grants of calendar providers at rest; without them none is taken. */
  DATA_KEYS: dataKeys.optional(),
  /** Where Google takes grants back. */
  GOOGLE_REVOKE_URL: z.url().default('https://oauth2.googleapis.com/revoke'),
});
