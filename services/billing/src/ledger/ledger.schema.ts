import { BalanceView as Balance } from '@atrium/contracts';
import { z } from 'zod';
import { accountKinds, entryKinds, type AccountSum, type Books } from './ledger.ts';
import type { BookedEntry } from './ledger.store.ts';
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
