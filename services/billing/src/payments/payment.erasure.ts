import { erases, holdsNobody, releases, retains, type ErasureEffect, type ErasureStep } from '@atrium/service-kit';
import type Stripe from 'stripe';
import { forgetCustomer, forgetMethod } from './checkout/stripe.client.ts';

const PAID = 'Proof of money that was paid is kept as accounting asks; who began it is forgotten.';
const ISSUED = 'An issued invoice is never changed, and is kept with its buyer as tax law asks.';
const SUMS = 'Sums of books that stay, and nothing about a person.';

/** Keeps the row without the one who made it, also in a workspace that goes. */
const withoutMaker = (table: string): ErasureStep => ({
  ...releases(table, 'created_by = null', { ofUser: 'created_by = :user' }),
  ofWorkspace: 'workspace_id = :workspace and created_by is not null',
});

/** What an erasure does with payments, invoices and statements. */
export const paymentErasureSteps: readonly ErasureStep[] = [
  ...['payments', 'refunds', 'disputes'].flatMap((table) => [withoutMaker(table), retains(table, PAID)]),
  retains('invoices', ISSUED),
  retains('invoice_counters', SUMS),
  retains('statements', SUMS),
  erases('payment_cards', { ofUser: 'saved_by = :user' }),
  erases('billing_profiles'),
  holdsNobody('stripe_events'),
];

const idsIn = (rows: readonly Record<string, unknown>[], column: string): string[] =>
  rows.flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : []));

/** What Stripe forgets before we do. @param stripe absent where nobody takes cards (any more): nothing is known there */
export const paymentErasureEffects = (stripe: Stripe | undefined): Readonly<Record<string, ErasureEffect>> => {
  const forgetting = (
    column: string,
    counted: string,
    forget: (stripe: Stripe, id: string) => Promise<void>,
  ): ErasureEffect => ({
    columns: [column],
    run: async (rows) => {
      if (!stripe) return {};
      const ids = idsIn(rows, column);
      for (const id of ids) await forget(stripe, id);
      return { [counted]: ids.length };
    },
  });
  return {
    payment_cards: forgetting('method_id', 'cards_at_stripe', forgetMethod),
    billing_profiles: forgetting('customer_id', 'customers_at_stripe', forgetCustomer),
  };
};
