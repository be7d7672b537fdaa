import { PlaceHold } from '@atrium/contracts';
import { DomainError, route, type Route, type Tenant, type Transactional } from '@atrium/service-kit';
import { HoldView, presentHold } from './hold.schema.ts';
import type { HoldService } from './hold.service.ts';

/** @param refused learns that a hold failed for want of money, after nothing of it was kept */
export const holdRoutes = (holds: Transactional<HoldService>, refused: (tenant: Tenant) => Promise<void>): Route[] => [
  route({
    method: 'post',
    path: '/holds',
    surface: 'internal',
    id: 'placeHold',
    summary: 'Set money aside for a run',
    permission: 'internal:billing.hold',
    status: 201,
    body: PlaceHold,
    response: HoldView,
    errors: [402],
    // Presented inside the transaction: what it returns is stored as the first answer of the Idempotency-Key.
    handler: ({ tenant, body }) =>
      holds
        .run(tenant, async (service) => presentHold(await service.place(body)))
        .catch(async (error: unknown) => {
          if (error instanceof DomainError && error.code === 'billing.insufficient_funds') await refused(tenant);
          throw error;
        }),
  }),
];
