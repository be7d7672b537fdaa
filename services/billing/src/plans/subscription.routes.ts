import { route, type Route, type Transactional } from '@atrium/service-kit';
import type { SettingsStore } from '../settings/settings.store.ts';
import type { Plan } from './plan.ts';
import type { Subscription } from './subscription.entity.ts';
import {
  PlansView,
  presentPlans,
  presentSubscription,
  PutSubscription,
  SubscriptionView,
} from './subscription.schema.ts';
import type { SubscriptionService } from './subscription.service.ts';

/** The subscription with the zone that it follows. */
export interface SubscriptionsOf {
  readonly subscriptions: SubscriptionService;
  readonly settings: SettingsStore;
}

const present = async ({ subscriptions, settings }: SubscriptionsOf, subscription: Subscription) =>
  presentSubscription(subscription, subscriptions.terms(subscription), (await settings.read()).timeZone);

export const subscriptionRoutes = (units: Transactional<SubscriptionsOf>, plans: () => readonly Plan[]): Route[] => [
  route({
    method: 'get',
    path: '/billing/plans',
    id: 'listPlans',
    summary: 'List the plans with what they cost, give and allow',
    permission: 'billing:read',
    response: PlansView,
    handler: async () => presentPlans(plans()),
  }),
  route({
    method: 'get',
    path: '/billing/subscription',
    id: 'readSubscription',
    summary: 'Read the plan of the workspace and its period',
    permission: 'billing:read',
    response: SubscriptionView,
    // Begins a period that is due, so that what is read is true now.
    handler: ({ tenant }) => units.run(tenant, async (unit) => present(unit, await unit.subscriptions.ensure())),
  }),
  route({
    method: 'put',
    path: '/billing/subscription',
    id: 'changeSubscription',
    summary: 'Change the plan, now with what that is worth for the rest of the period or at its end; or cancel it',
    permission: 'billing:write',
    body: PutSubscription,
    response: SubscriptionView,
    errors: [402],
    handler: ({ tenant, body: { plan, when, terms, cancelAtPeriodEnd } }) =>
      units.run(tenant, async (unit) =>
        present(
          unit,
          plan === undefined
            ? await unit.subscriptions.cancelAtEnd(cancelAtPeriodEnd ?? false)
            : await unit.subscriptions.change({ plan, when, terms }),
        ),
      ),
  }),
];
