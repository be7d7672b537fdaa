import { CaptureHold, ChargeWallet, PlaceHold } from '@atrium/contracts';
import { DomainError, IdParams, route, type Route, type Tenant } from '@atrium/service-kit';
import { ChargeView, HoldView, SettledHoldView } from './hold.schema.ts';
import type { HoldService } from './hold.service.ts';

/** @param refused learns that a hold failed for want of money, after nothing of it was kept */
export const holdRoutes = (holds: HoldService, refused: (tenant: Tenant) => Promise<void>): Route[] => [
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
    handler: ({ tenant, body }) =>
      holds.place(tenant, body).catch(async (error: unknown) => {
        if (error instanceof DomainError && error.code === 'billing.insufficient_funds') await refused(tenant);
        throw error;
      }),
  }),
  route({
    method: 'post',
    path: '/holds/:id/capture',
    surface: 'internal',
    id: 'captureHold',
    summary: 'Spend of what was set aside',
    permission: 'internal:billing.hold',
    params: IdParams,
    body: CaptureHold,
    response: SettledHoldView,
    errors: [402, 404, 409],
    handler: ({ tenant, params, body }) => holds.capture(tenant, params.id, body),
  }),
  route({
    method: 'post',
    path: '/holds/:id/release',
    surface: 'internal',
    id: 'releaseHold',
    summary: 'Give back what is left of what was set aside',
    permission: 'internal:billing.hold',
    params: IdParams,
    response: SettledHoldView,
    errors: [404],
    handler: ({ tenant, params }) => holds.release(tenant, params.id),
  }),
  route({
    method: 'post',
    path: '/charges',
    surface: 'internal',
    id: 'chargeWallet',
    summary: 'Spend of the wallet without a hold',
    permission: 'internal:billing.charge',
    status: 201,
    body: ChargeWallet,
    response: ChargeView,
    errors: [402],
    handler: ({ tenant, body }) => holds.charge(tenant, body),
  }),
];
