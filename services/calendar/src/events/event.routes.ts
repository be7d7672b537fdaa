import { CreateEvent, ListEvents } from '@atrium/contracts';
import { IdParams, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { EventView, presentEvent } from './event.schema.ts';
import type { EventService } from './event.service.ts';

export const eventRoutes = (events: Transactional<EventService>): Route[] => [
  route({
    method: 'post',
    path: '/calendar/events',
    id: 'createEvent',
    summary: 'Put an event into a calendar of yours',
    permission: 'calendar:write',
    status: 201,
    body: CreateEvent,
    response: EventView,
    errors: [404],
    // Presented inside the transaction: what it returns is stored as the first answer of the Idempotency-Key.
    handler: ({ tenant, body }) =>
      events.run(tenant, async (service) => presentEvent(await service.create(tenant.userId, body))),
  }),
  route({
    method: 'get',
    path: '/calendar/events',
    id: 'listEvents',
    summary: 'List your events that overlap a range, by start',
    permission: 'calendar:read',
    query: ListEvents,
    response: pageOf(EventView),
    handler: async ({ tenant, query }) => {
      const found = await events.read(tenant, (service) => service.list(tenant.userId, query));
      return toPage(found, query.limit, ({ startsAt, id }) => ({ at: startsAt.toISOString(), id }), presentEvent);
    },
  }),
  route({
    method: 'get',
    path: '/calendar/events/:id',
    id: 'readEvent',
    summary: 'Read one of your events',
    permission: 'calendar:read',
    params: IdParams,
    response: EventView,
    errors: [404],
    handler: async ({ tenant, params }) =>
      presentEvent(await events.read(tenant, (service) => service.find(tenant.userId, params.id))),
  }),
  route({
    method: 'delete',
    path: '/calendar/events/:id',
    id: 'deleteEvent',
    summary: 'Take an event out of your calendar',
    permission: 'calendar:write',
    params: IdParams,
    errors: [404],
    handler: ({ tenant, params }) => events.run(tenant, (service) => service.remove(tenant.userId, params.id)),
  }),
];
