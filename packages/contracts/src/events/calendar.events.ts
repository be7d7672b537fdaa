import { z } from 'zod';
import { defineEvent } from '../event.ts';

export const CalendarEventCreated = defineEvent(
  'calendar.event.created',
  1,
  z.object({
    eventId: z.uuid(),
    calendarId: z.uuid(),
    title: z.string(),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    timeZone: z.string(),
  }),
  // A personal calendar is its owner's business, also among members.
  { live: 'user' },
);
