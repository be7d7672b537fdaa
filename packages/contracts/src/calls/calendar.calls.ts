import { z } from 'zod';
import { defineCall } from '../call.ts';

/** Start and end as RFC 3339 instants; the zone is the wall clock people agreed on. */
export const CreateEvent = z.strictObject({
  title: z.string().trim().min(1).max(300),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  timeZone: z.string().min(1).max(64),
  calendarId: z.uuid().optional(),
  location: z.string().trim().max(500).optional(),
  description: z.string().max(10_000).optional(),
  attendees: z.array(z.email()).max(100).optional(),
});

export const EventView = z.object({
  id: z.uuid(),
  calendarId: z.uuid(),
  title: z.string(),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  timeZone: z.string(),
  location: z.string().nullable(),
  description: z.string().nullable(),
  attendees: z.array(z.email()),
  createdAt: z.iso.datetime(),
});

export const ListEvents = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(500).optional(),
});

export const createEvent = defineCall({
  service: 'calendar',
  method: 'post',
  path: '/api/v1/calendar/events',
  request: CreateEvent,
  response: EventView,
});

export const listEvents = defineCall({
  service: 'calendar',
  method: 'get',
  path: '/api/v1/calendar/events',
  request: ListEvents,
  response: z.object({
    data: z.array(EventView),
    page: z.object({ nextCursor: z.string().nullable(), hasMore: z.boolean() }),
  }),
});
