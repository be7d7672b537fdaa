import { erases, holdsNobody, releases, retains, type ErasureStep } from '@atrium/service-kit';

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
  erases('billing_profiles'),
  holdsNobody('stripe_events'),
];
