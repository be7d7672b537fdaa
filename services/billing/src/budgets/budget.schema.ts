import { z } from 'zod';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { isTimeZone } from '../settings/zone.ts';
import { budgetScopes, leftOf, nameOf } from './budget.ts';
import { MOST_BUDGETS, type BudgetNow } from './budget.service.ts';

const Rule = z
  .strictObject({
    scope: z.enum(budgetScopes),
    /** The agent, user or API key; absent for the whole workspace. */
    subject: z.uuid().nullable().default(null),
    period: z.enum(['daily', 'monthly']),
    /** Micro-units for a period. */
    amount: z.int().positive(),
    /** `hard` refuses what would pass it, `soft` only tells. */
    mode: z.enum(['hard', 'soft']).default('hard'),
  })
  .refine(
    ({ scope, subject }) => (scope === 'workspace') === (subject === null),
    'A budget of the workspace has no subject; every other one needs the id that it is for.',
  );

export const PutBudgets = z.strictObject({
  /** All budgets there are to be; one that is not named is removed. */
  budgets: z.array(Rule).max(MOST_BUDGETS),
  /** IANA zone whose midnights begin days and months; absent: stays. */
  timeZone: z.string().max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Lisbon.').optional(),
});
export type PutBudgets = z.output<typeof PutBudgets>;

const BudgetView = z
  .object({
    id: z.uuid(),
    scope: z.enum(budgetScopes),
    subject: z.uuid().nullable(),
    period: z.enum(['daily', 'monthly']),
    mode: z.enum(['hard', 'soft']),
    name: z.string(),
    /** Micro-units. */
    amount: z.int(),
    /** Paid in this period. */
    spent: z.int(),
    /** Set aside by runs that have not ended. */
    reserved: z.int(),
    left: z.int(),
    currency: z.string(),
    periodStart: z.iso.datetime(),
    resetsAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingBudget' });

export const BudgetsView = z
  .object({ timeZone: z.string(), budgets: z.array(BudgetView) })
  .meta({ id: 'BillingBudgets' });

export const presentBudget = (now: BudgetNow): z.input<typeof BudgetView> => ({
  ...now.budget,
  name: nameOf(now.budget),
  amount: toWire(now.budget.amount),
  spent: toWire(now.spent),
  reserved: toWire(now.reserved),
  left: toWire(leftOf(now.budget, now)),
  currency: CURRENCY,
  periodStart: now.period.start.toISOString(),
  resetsAt: now.period.end.toISOString(),
});
