import { CaptureHold, ChargeWallet, PlaceHold } from '@atrium/contracts';
import { IdParams, route, type Route } from '@atrium/service-kit';
import { ChargeView, HoldView, SettledHoldView } from './hold.schema.ts';
import type { HoldService } from './hold.service.ts';

export const holdRoutes = (holds: HoldService): Route[] => [
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
    handler: ({ tenant, body }) => holds.place(tenant, body),
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
