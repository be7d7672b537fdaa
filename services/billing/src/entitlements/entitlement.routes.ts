import { EntitlementsView as View, type EntitlementsView } from '@atrium/contracts';
import { route, type Route, type Transactional } from '@atrium/service-kit';
import { DEFAULT_PLAN, termsOf, type Plan } from '../plans/plan.ts';
import type { SubscriptionsOf } from '../plans/subscription.routes.ts';

const EntitlementsAnswer = View.meta({ id: 'BillingEntitlements' });

/** What a workspace may do, and which other plans there are. */
export const entitlementRoutes = (units: Transactional<SubscriptionsOf>, plans: () => readonly Plan[]): Route[] => [
  route({
    method: 'get',
    path: '/entitlements',
    surface: 'internal',
    id: 'readEntitlements',
    summary: 'Read what the workspace of the token may do by its plan',
    permission: 'internal:billing.entitlements',
    response: EntitlementsAnswer,
    handler: async ({ tenant }): Promise<EntitlementsView> => {
      const subscription = await units.read(tenant, ({ subscriptions }) => subscriptions.find());
      const plan = subscription?.plan ?? DEFAULT_PLAN;
      return {
        plan,
        entitlements: termsOf(plans(), plan, subscription?.terms ?? null).entitlements,
        plans: plans()
          .filter(({ id }) => id !== plan)
          .toSorted((one, other) => one.price - other.price)
          .map(({ id, name, entitlements }) => ({ id, name, entitlements })),
      };
    },
  }),
];
