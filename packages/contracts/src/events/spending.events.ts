import { z } from 'zod';
import { defineEvent } from '../event.ts';

const Balance = z.object({
  /** Unspent money in micro-units, with what is set aside. */
  balance: z.int(),
  /** Below this it counts as low. */
  threshold: z.int(),
  currency: z.string(),
});

/** The unspent money of a workspace fell below its threshold; once a crossing. */
export const BalanceLow = defineEvent('billing.balance.low', 1, Balance, { live: 'workspace' });

/** Nothing is left, or a run was refused for want of money; once until there is money again. */
export const BalanceExhausted = defineEvent('billing.balance.exhausted', 1, Balance, { live: 'workspace' });

/** Spending reached a share of a budget; once a share and period. Amounts in micro-units. */
export const BudgetReached = defineEvent(
  'billing.budget.reached',
  1,
  z.object({
    budgetId: z.uuid(),
    scope: z.enum(['workspace', 'agent', 'user', 'api_key']),
    /** The agent, user or API key; null for the whole workspace. */
    subject: z.uuid().nullable(),
    period: z.enum(['daily', 'monthly']),
    mode: z.enum(['hard', 'soft']),
    percent: z.int(),
    amount: z.int(),
    spent: z.int(),
    currency: z.string(),
    periodStart: z.iso.datetime(),
    resetsAt: z.iso.datetime(),
  }),
  { live: 'workspace' },
);

/** What a workspace may do by its plan has changed: forget what was cached of it. */
export const EntitlementsChanged = defineEvent('billing.entitlements.changed', 1, z.object({ plan: z.string() }), {
  live: 'workspace',
});

/** What documents consumed beside runs; `reference` names it once. */
export const DocumentUsageMeasured = defineEvent(
  'document.usage.measured',
  1,
  z.object({
    reference: z.string().min(1).max(200),
    documentId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    items: z.array(
      z.object({
        unit: z.enum(['embedding', 'pages', 'audio_second', 'storage_byte_day']),
        provider: z.string(),
        model: z.string(),
        /** Tokens, pages, seconds, or bytes kept for a day. */
        quantity: z.int().nonnegative(),
      }),
    ),
  }),
);
