import { BalanceView as Balance } from '@atrium/contracts';
import { PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import type { Account } from './ledger.entity.ts';
import { accountKinds, entryKinds, type AccountSum, type Books } from './ledger.ts';
import type { BookedEntry, EntryFilter } from './ledger.store.ts';
import type { Reconciliation } from './reconcile.ts';
import { CURRENCY, toWire } from './money.ts';

export const BalanceView = Balance.meta({ id: 'BillingBalance' });

export const TransactionView = z
  .object({
    id: z.uuid(),
    /** Place in the workspace's journal, from 1 without gaps. */
    seq: z.int().positive(),
    kind: z.enum(entryKinds),
    reference: z.string(),
    description: z.string(),
    currency: z.string(),
    /** What each account gains, below zero what it gives; they sum to zero. */
    postings: z.array(z.object({ account: z.enum(accountKinds), amount: z.int() })),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingTransaction' });

export const TrialBalanceView = z
  .object({
    /** Whether the total is zero and every balance is the sum of its postings. */
    balanced: z.boolean(),
    total: z.int(),
    accounts: z.array(z.object({ kind: z.enum(accountKinds), balance: z.int(), postings: z.int() })),
  })
  .meta({ id: 'BillingTrialBalance' });

export const AccountsView = z
  .object({
    data: z.array(
      z.object({
        kind: z.enum(accountKinds),
        /** The side of zero that its balance keeps to: a `source` is never above, a `store` never below. */
        side: z.enum(['source', 'store', 'either']),
        currency: z.string(),
        balance: z.int(),
      }),
    ),
  })
  .meta({ id: 'BillingAccounts' });

const amount = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const TransactionQuery = PageQuery.extend({
  kind: z.enum(entryKinds).optional(),
  account: z.enum(accountKinds).optional(),
  /** First moment. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** First moment that is not wanted any more. */
  to: z.iso.datetime({ offset: true }).optional(),
  reference: z.string().min(1).max(200).optional(),
  /** Smallest amount of a posting, whichever way it goes; micro-units. */
  minAmount: amount.optional(),
  maxAmount: amount.optional(),
});

export const filterOf = (query: z.output<typeof TransactionQuery>): EntryFilter => ({
  kind: query.kind,
  account: query.account,
  reference: query.reference,
  from: query.from === undefined ? undefined : new Date(query.from),
  to: query.to === undefined ? undefined : new Date(query.to),
  minAmount: query.minAmount === undefined ? undefined : BigInt(query.minAmount),
  maxAmount: query.maxAmount === undefined ? undefined : BigInt(query.maxAmount),
});

export const ReconciliationView = z
  .object({
    /** Whether nothing drifted and the chain is whole. */
    reconciled: z.boolean(),
    checks: z.array(
      z.object({
        name: z.string(),
        /** What it should be, what it is, and how much of the difference is known to be right; micro-units or a count. */
        expected: z.int(),
        actual: z.int(),
        explained: z.int(),
        drift: z.int(),
        reason: z.string().nullable(),
      }),
    ),
    /** The journal's chain of hashes: batches, entries in them, its last hash, and the first place where it does not hold. */
    chain: z.object({
      intact: z.boolean(),
      batches: z.int(),
      entries: z.int(),
      head: z.string(),
      break: z.object({ seq: z.int(), problem: z.string() }).nullable(),
    }),
  })
  .meta({ id: 'BillingReconciliation' });

export const presentAccounts = (accounts: readonly Account[]): z.input<typeof AccountsView> => ({
  data: accounts.map(({ kind, side, currency, balance }) => ({ kind, side, currency, balance: toWire(balance) })),
});

export const presentReconciliation = ({
  reconciled,
  checks,
  chain,
}: Reconciliation): z.input<typeof ReconciliationView> => ({
  reconciled,
  checks: checks.map((check) => ({
    name: check.name,
    expected: toWire(check.expected),
    actual: toWire(check.actual),
    explained: toWire(check.explained),
    drift: toWire(check.drift),
    reason: check.reason,
  })),
  chain,
});

export const presentBalance = ({ wallet, held }: Books): z.input<typeof BalanceView> => ({
  currency: CURRENCY,
  available: toWire(wallet),
  held: toWire(held),
});

export const presentTransaction = (entry: BookedEntry): z.input<typeof TransactionView> => ({
  id: entry.id,
  seq: toWire(entry.seq),
  kind: entry.kind,
  reference: entry.reference,
  description: entry.description,
  currency: CURRENCY,
  postings: entry.postings.map(({ account, amount }) => ({ account, amount: toWire(amount) })),
  createdAt: entry.createdAt.toISOString(),
});

export const presentTrialBalance = (sums: {
  balanced: boolean;
  total: bigint;
  accounts: readonly AccountSum[];
}): z.input<typeof TrialBalanceView> => ({
  balanced: sums.balanced,
  total: toWire(sums.total),
  accounts: sums.accounts.map(({ kind, balance, postings }) => ({
    kind,
    balance: toWire(balance),
    postings: toWire(postings),
  })),
});
