import { ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';
import { paymentSettings } from './payments/payment.config.ts';
import { readPlans, usualPlans } from './plans/plan.ts';

/** Settings of billing. Amounts are micro-units: 1 USD = 1 000 000. */
export const BillingConfig = ServiceConfig.extend({
  /** Credit that a new workspace starts with; 0 grants none. */
  WELCOME_CREDIT: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(5_000_000),
  /** Seconds after which a hold that nobody settled goes back to the wallet. */
  HOLD_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
  /** Batches of the books that may be under way at once; commands of one workspace are never in two of them. */
  LEDGER_BATCHES: z.coerce.number().int().min(1).max(64).default(4),
  /** Below this a workspace's balance is low, where it set nothing else. */
  LOW_BALANCE: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1_000_000),
  /** The plans as JSON, or in the file that `PLANS_FILE` names; absent: free, pro and custom. */
  PLANS: z
    .string()
    .transform((text, context) => {
      try {
        return readPlans(JSON.parse(text));
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof Error ? error.message : 'is not a list of plans',
        });
        return z.NEVER;
      }
    })
    .optional()
    .transform((plans) => plans ?? usualPlans),
  /** Who begins a plan that costs something: administrators `by_hand`, or only a payment; usual is that with Stripe. */
  PLAN_CHANGES: z.enum(['by_hand', 'by_payment']).optional(),
  ...paymentSettings,
});
export type BillingConfig = z.infer<typeof BillingConfig>;
