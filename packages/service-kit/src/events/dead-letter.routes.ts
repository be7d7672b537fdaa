import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Transactional } from '../data/transactional.ts';
import { operationNameOf, route, type Route } from '../http/route.ts';
import type { DeadLetters, OutboxStore } from './outbox.store.ts';

const DeadLetterView = z.object({
  eventId: z.uuid(),
  subscriber: z.string(),
  type: z.string(),
  attempts: z.int(),
  lastError: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
const DeadLetterParams = z.strictObject({ eventId: z.uuid(), subscriber: z.string() });

/** Events of the caller's workspace that this service published and a subscriber could not handle. */
export const deadLetterRoutes = (
  service: string,
  outbox: OutboxStore,
  deadLetters: Transactional<DeadLetters>,
  wake: () => void,
): Route[] => [
  route({
    method: 'get',
    path: `/ops/${service}/dead-letters`,
    id: `list${operationNameOf(service)}DeadLetters`,
    summary: 'List deliveries that were given up',
    permission: 'ops:read',
    response: z.object({ data: z.array(DeadLetterView) }),
    handler: async ({ tenant }) => {
      const rows = await outbox.deadLetters(tenant.workspaceId, 100);
      return { data: rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })) };
    },
  }),
  route({
    method: 'post',
    path: `/ops/${service}/dead-letters/:eventId/:subscriber/replay`,
    id: `replay${operationNameOf(service)}DeadLetter`,
    summary: 'Try a delivery again that was given up',
    permission: 'ops:write',
    params: DeadLetterParams,
    handler: async ({ params, tenant }) => {
      await deadLetters.run(tenant, async (letters) => {
        if (!(await letters.replay(params.eventId, params.subscriber))) notFound('dead letter', params.eventId);
      });
      wake();
    },
  }),
];
