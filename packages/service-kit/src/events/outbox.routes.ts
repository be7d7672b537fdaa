import { z } from 'zod';
import { operationNameOf, route, type Route } from '../http/route.ts';
import type { OutboxStore } from './outbox.store.ts';

const OutboxLag = z
  .object({
    subscriber: z.string(),
    waiting: z.int().meta({ description: 'Deliveries that are neither acknowledged nor given up' }),
    dead: z.int(),
    lagSeconds: z.number().meta({ description: 'Age of the oldest that waits; 0 when none does' }),
  })
  .meta({ id: 'OutboxLag' });

/** How far the subscribers are behind with the events of the caller's workspace. */
export const outboxRoutes = (service: string, outbox: Pick<OutboxStore, 'lag'>): Route[] => [
  route({
    method: 'get',
    path: `/ops/${service}/outbox`,
    id: `read${operationNameOf(service)}Outbox`,
    summary: 'How far each subscriber is behind',
    permission: 'ops:read',
    response: z.object({ data: z.array(OutboxLag) }),
    handler: async ({ tenant }) => ({ data: await outbox.lag(tenant.workspaceId) }),
  }),
];
