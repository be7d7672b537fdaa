/** The accounts of a workspace. `granted` is where money comes from, so its balance is never above zero. */
export const openingKinds = ['granted', 'wallet', 'held', 'spent'] as const;

/** Opened with the first payment. `paid` and `owed` are, like `granted`, never above zero. */
const paymentKinds = ['paid', 'owed', 'fees', 'taxes'] as const;

export const accountKinds = [...openingKinds, ...paymentKinds] as const;
export type AccountKind = (typeof accountKinds)[number];

export const entryKinds = [
  ...(['grant', 'hold', 'capture', 'release', 'charge'] as const),
  ...(['topup', 'subscription', 'refund', 'refund_reversal', 'dispute', 'dispute_reversal'] as const),
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What an entry does to one account, in micro-units: above zero the account gains, below it gives. */
export interface Posting {
  readonly account: AccountKind;
  readonly amount: bigint;
}

/** One movement of money; the postings sum to zero. */
export interface EntryDraft {
  readonly kind: EntryKind;
  /** Makes the entry happen once: unique in its workspace and kind. */
  readonly reference: string;
  readonly description: string;
  readonly postings: readonly Posting[];
}

/** The balance of each account, in micro-units. */
export type Books = Readonly<Record<AccountKind, bigint>>;

export const emptyBooks: Books = {
  ...{ granted: 0n, wallet: 0n, held: 0n, spent: 0n },
  ...{ paid: 0n, owed: 0n, fees: 0n, taxes: 0n },
};

/** Drafts an entry; accounts without an amount, or with zero, are left out. */
export const draftEntry = (
  kind: EntryKind,
  reference: string,
  description: string,
  amounts: Partial<Record<AccountKind, bigint>>,
): EntryDraft => ({
  kind,
  reference,
  description,
  postings: accountKinds.flatMap((account) => {
    const amount = amounts[account] ?? 0n;
    return amount === 0n ? [] : [{ account, amount }];
  }),
});

export const grantEntry = (reference: string, amount: bigint, description: string): EntryDraft =>
  draftEntry('grant', reference, description, { granted: -amount, wallet: amount });

export const holdEntry = (holdId: string, amount: bigint, description: string): EntryDraft =>
  draftEntry('hold', holdId, description, { wallet: -amount, held: amount });

/** Spends held money, and money of the wallet where the hold was too small. */
export const captureEntry = (holdId: string, from: { held: bigint; wallet: bigint }, description: string): EntryDraft =>
  draftEntry('capture', holdId, description, {
    held: -from.held,
    wallet: -from.wallet,
    spent: from.held + from.wallet,
  });

export const releaseEntry = (holdId: string, amount: bigint, description: string): EntryDraft =>
  draftEntry('release', holdId, description, { held: -amount, wallet: amount });

/** Spends money of the wallet that nothing was held for. */
export const chargeEntry = (runId: string, amount: bigint, description: string): EntryDraft =>
  draftEntry('charge', runId, description, { wallet: -amount, spent: amount });

/**
 * The books after an entry.
 * @throws Error when the entry is empty or does not sum to zero, or when the wallet or the held money would fall below
 * zero: the caller should have refused before
 */
export const applyEntry = (books: Books, { kind, postings }: EntryDraft): Books => {
  const after = { ...books };
  let sum = 0n;
  for (const { account, amount } of postings) {
    after[account] += amount;
    sum += amount;
  }
  if (postings.length < 2 || sum !== 0n)
    throw new Error(`a ${kind} entry sums to ${sum} over ${postings.length} postings`);
  if (after.wallet < 0n || after.held < 0n)
    throw new Error(`a ${kind} entry would leave ${after.wallet} in the wallet and ${after.held} held`);
  return after;
};

/** One line of the trial balance: what the account says, and what its postings say. */
export interface AccountSum {
  readonly kind: AccountKind;
  readonly balance: bigint;
  readonly postings: bigint;
}

/** Whether the books are right: everything sums to zero, and every balance is what its postings make it. */
export const trialBalance = (accounts: readonly AccountSum[]): { balanced: boolean; total: bigint } => {
  const total = accounts.reduce((sum, { balance }) => sum + balance, 0n);
  return { total, balanced: total === 0n && accounts.every(({ balance, postings }) => balance === postings) };
};
