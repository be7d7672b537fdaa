import { defineService, newId, transactional, type Unit } from '@atrium/service-kit';
import { CalendarEntity } from './calendars/calendar.entity.ts';
import { calendarRoutes } from './calendars/calendar.routes.ts';
import { createCalendarService } from './calendars/calendar.service.ts';
import { createCalendarStore } from './calendars/calendar.store.ts';
import { calendarSubscribers } from './calendars/calendar.subscribers.ts';
import { CalendarConfig } from './config.ts';
import { EventEntity } from './events/event.entity.ts';
import { eventRoutes } from './events/event.routes.ts';
import { createEventService } from './events/event.service.ts';
import { createEventStore } from './events/event.store.ts';
import { Calendar1760000000001 } from './migrations/calendar.migration.ts';

const now = (): Date => new Date();

const calendarsOf = ({ manager, tenant }: Unit) =>
  createCalendarService({ calendars: createCalendarStore(manager, tenant), now, newId });

const eventsOf = (unit: Unit) =>
  createEventService({
    calendars: calendarsOf(unit),
    events: createEventStore(unit.manager, unit.tenant),
    outbox: unit.outbox,
    now,
    newId,
  });

/** Calendar: when things happen. */
export const service = defineService({
  name: 'calendar',
  schema: 'calendar',
  config: CalendarConfig,
  entities: [CalendarEntity, EventEntity],
  migrations: [Calendar1760000000001],
  compose: ({ runtime }) => ({
    calendars: transactional(runtime, calendarsOf),
    events: transactional(runtime, eventsOf),
  }),
  routes: ({ calendars, events }) => [...calendarRoutes(calendars), ...eventRoutes(events)],
  subscribers: () => calendarSubscribers(calendarsOf),
});
