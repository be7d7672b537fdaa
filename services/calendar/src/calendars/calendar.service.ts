import { notFound } from '@atrium/service-kit';
import { isTimeZone } from '../events/event.ts';
import type { Calendar } from './calendar.entity.ts';
import type { CalendarStore } from './calendar.store.ts';

/** The calendars of people: each has one of their own, and sees no other. */
export const createCalendarService = ({
  calendars,
  now,
  newId,
}: {
  calendars: CalendarStore;
  now: () => Date;
  newId: () => string;
}) => {
  const personal = async (userId: string, timeZone: string): Promise<Calendar> => {
    const [known] = await calendars.ownedBy(userId);
    if (known) return known;
    await calendars.add({ id: newId(), userId, name: 'Personal', timeZone, createdAt: now() });
    const [added] = await calendars.ownedBy(userId);
    return added ?? notFound('calendar', userId);
  };

  return {
    list: (userId: string): Promise<Calendar[]> => calendars.ownedBy(userId),

    /** @throws DomainError 404 `calendar.not_found`, also for somebody else's */
    find: async (userId: string, id: string): Promise<Calendar> =>
      (await calendars.find(userId, id)) ?? notFound('calendar', id),

    /** Somebody's own calendar, added when they have none. */
    personal,

    /** Adds a new person's calendar; one that was added before they were known here takes their time zone. */
    async welcome(userId: string, timeZone: string): Promise<void> {
      const zone = isTimeZone(timeZone) ? timeZone : 'UTC';
      const calendar = await personal(userId, zone);
      if (calendar.timeZone !== zone) await calendars.setTimeZone(userId, zone);
    },
  };
};
export type CalendarService = ReturnType<typeof createCalendarService>;
