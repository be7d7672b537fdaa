import { route, type Route, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import { CalendarView, presentCalendar } from './calendar.schema.ts';
import type { CalendarService } from './calendar.service.ts';

export const calendarRoutes = (calendars: Transactional<CalendarService>): Route[] => [
  route({
    method: 'get',
    path: '/calendar/calendars',
    id: 'listCalendars',
    summary: 'List your calendars',
    permission: 'calendar:read',
    response: z.object({ data: z.array(CalendarView) }),
    handler: async ({ tenant }) => {
      const own = await calendars.read(tenant, (service) => service.list(tenant.userId));
      return { data: own.map(presentCalendar) };
    },
  }),
];
