import { z } from 'zod';
import { defineCall } from '../call.ts';

/** What somebody allowed at a calendar provider; the refresh token is secret. */
export const CalendarGrant = z.strictObject({
  provider: z.enum(['google']),
  /** The address of the account there. */
  account: z.email().max(254),
  /** The provider's own, lasting id of the account. */
  subject: z.string().min(1).max(255),
  scopes: z.array(z.string().max(300)).max(50),
  refreshToken: z.string().min(1).max(4_000),
});

/** Hands a person's grant to calendar, which keeps it encrypted; a newer one of the same account replaces it. */
export const storeCalendarGrant = defineCall({
  service: 'calendar',
  method: 'post',
  path: '/internal/calendar/grants',
  request: CalendarGrant,
  response: z.object({ id: z.uuid() }),
});
