import { Entitlements } from '@atrium/contracts';
import { z } from 'zod';
import { CURRENCY } from '../ledger/money.ts';
import { Plan, PlanTerms, type PlanTerms as Terms } from './plan.ts';
import type { Subscription } from './subscription.entity.ts';

export const PlansView = z
  .object({
    data: z.array(
      z
        .object({ ...Plan.shape, description: z.string(), entitlements: Entitlements, currency: z.string() })
        .meta({ id: 'BillingPlan' }),
    ),
  })
  .meta({ id: 'BillingPlans' });

export const presentPlans = (plans: readonly Plan[]): z.input<typeof PlansView> => ({
  data: plans.map((plan) => ({ ...plan, currency: CURRENCY })),
});

export const SubscriptionView = z
  .object({
    plan: z.string(),
    /** `default`, `hand`, or what paid for it. */
    source: z.string(),
    /** Micro-units a month. */
    price: z.int(),
    allowance: z.int(),
    currency: z.string(),
    entitlements: Entitlements,
    periodStart: z.iso.datetime(),
    /** When it renews, or becomes `nextPlan`. */
    periodEnd: z.iso.datetime(),
    timeZone: z.string(),
    /** What it becomes then; null: it stays. */
    nextPlan: z.string().nullable(),
    cancelAtPeriodEnd: z.boolean(),
  })
  .meta({ id: 'BillingSubscription' });

export const PutSubscription = z
  .strictObject({
    plan: z.string().max(40).optional(),
    /** `now` grants or takes back what the change is worth for the rest of the period. */
    when: z.enum(['now', 'period_end']).default('now'),
    /** What was agreed, of the plan `custom`. */
    terms: PlanTerms.optional(),
    /** Instead of `plan`: lets the plan end with its period, or takes back what was to happen then. */
    cancelAtPeriodEnd: z.boolean().optional(),
  })
  .refine(
    ({ plan, cancelAtPeriodEnd }) => (plan === undefined) !== (cancelAtPeriodEnd === undefined),
    'Send either `plan` or `cancelAtPeriodEnd`.',
  );
export type PutSubscription = z.output<typeof PutSubscription>;

export const presentSubscription = (
  subscription: Subscription,
  terms: Terms,
  timeZone: string,
): z.input<typeof SubscriptionView> => ({
  plan: subscription.plan,
  source: subscription.source,
  ...terms,
  currency: CURRENCY,
  periodStart: subscription.periodStart.toISOString(),
  periodEnd: subscription.periodEnd.toISOString(),
  timeZone,
  nextPlan: subscription.nextPlan,
  cancelAtPeriodEnd: subscription.nextPlan !== null && subscription.nextPlan !== subscription.plan,
});
