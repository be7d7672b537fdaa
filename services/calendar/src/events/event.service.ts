import { CalendarEventCreated, type CreateEvent, type ListEvents } from '@atrium/contracts';
import { decodeCursor, invalid, notFound, type Outbox } from '@atrium/service-kit';
import type { z } from 'zod';
import type { CalendarService } from '../calendars/calendar.service.ts';
import type { Event } from './event.entity.ts';
import type { EventRange, EventStore } from './event.store.ts';
import { checkRange, checkTimes } from './event.ts';

const placeOf = (cursor: string | undefined): EventRange['after'] => {
  const place = decodeCursor(cursor);
  if (!place) return undefined;
  const startsAt = new Date(place.at);
  if (Number.isNaN(startsAt.getTime()))
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return { startsAt, id: place.id };
};
const instant = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** What is in people's calendars. */
export const createEventService = (parts: {
  calendars: CalendarService;
  events: EventStore;
  outbox: Outbox;
  now: () => Date;
  newId: () => string;
}) => {
  const { calendars, events, outbox, now, newId } = parts;
  const calendarIdsOf = async (userId: string): Promise<string[]> => (await calendars.list(userId)).map(({ id }) => id);

  return {
    /**
     * Puts an event into the calendar it names, or into the person's own.
     * @throws DomainError 404 `calendar.not_found`; 422 for impossible times
     */
    async create(userId: string, asked: z.output<typeof CreateEvent>): Promise<Event> {
      const { title, timeZone } = asked;
      const [startsAt, endsAt] = [new Date(asked.startsAt), new Date(asked.endsAt)];
      checkTimes({ startsAt, endsAt, timeZone });
      const calendar = await (asked.calendarId === undefined
        ? calendars.personal(userId, timeZone)
        : calendars.find(userId, asked.calendarId));
      const event = await events.add({
        id: newId(),
        calendarId: calendar.id,
        title,
        startsAt,
        endsAt,
        timeZone,
        location: asked.location ?? null,
        description: asked.description ?? null,
        attendees: asked.attendees ?? [],
        createdBy: userId,
        createdAt: now(),
      });
      await outbox.add(CalendarEventCreated, event.id, {
        eventId: event.id,
        calendarId: calendar.id,
        title,
        startsAt: startsAt.toISOString(),
        endsAt: endsAt.toISOString(),
        timeZone,
      });
      return event;
    },

    /** One more than asked for, so that the page knows whether there is another. */
    async list(userId: string, asked: z.output<typeof ListEvents>): Promise<Event[]> {
      const [from, to] = [instant(asked.from), instant(asked.to)];
      checkRange(from, to);
      const after = placeOf(asked.cursor);
      const calendarIds = await calendarIdsOf(userId);
      return calendarIds.length === 0 ? [] : events.list(calendarIds, { from, to, after, limit: asked.limit + 1 });
    },

    find: async (userId: string, id: string): Promise<Event> =>
      (await events.find(await calendarIdsOf(userId), id)) ?? notFound('event', id),

    async remove(userId: string, id: string): Promise<void> {
      if (!(await events.remove(await calendarIdsOf(userId), id))) notFound('event', id);
    },
  };
};
export type EventService = ReturnType<typeof createEventService>;
