import { CalendarGrant, storeCalendarGrant } from '@atrium/contracts';
import { route, type Route, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import type { IntegrationService } from './integration.service.ts';

const IntegrationView = z
  .object({
    id: z.uuid(),
    provider: z.enum(['google']),
    account: z.email(),
    scopes: z.array(z.string()),
    connectedAt: z.iso.datetime(),
  })
  .meta({ id: 'CalendarIntegration' });

export const integrationRoutes = (integrations: Transactional<IntegrationService>): Route[] => [
  route({
    method: 'get',
    path: '/me/calendar/integrations',
    id: 'listCalendarIntegrations',
    summary: 'List your calendars elsewhere',
    permission: 'calendar:read',
    response: z.object({ data: z.array(IntegrationView) }),
    handler: async ({ tenant }) => {
      const own = await integrations.read(tenant, (service) => service.list(tenant.userId));
      return { data: own.map((one) => ({ ...one, connectedAt: one.connectedAt.toISOString() })) };
    },
  }),
  route({
    method: 'post',
    path: '/calendar/grants',
    surface: 'internal',
    id: 'storeCalendarGrant',
    summary: 'Keep what somebody allowed at a calendar provider',
    permission: 'internal:calendar.grant',
    body: CalendarGrant,
    bodyLimit: 65_536,
    response: storeCalendarGrant.response,
    // The transaction returns the whole answer, since it is what is kept under the Idempotency-Key.
    handler: ({ tenant, body }) =>
      integrations.run(tenant, async (service) => ({ id: await service.keep(tenant.userId, body) })),
  }),
];
