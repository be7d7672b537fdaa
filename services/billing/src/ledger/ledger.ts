import { LARGEST_AMOUNT } from './money.ts';

/**
 * The accounts of a workspace and the side of zero that each keeps to: a `source` is where money comes from, so its
 * balance is never above zero; a `store` is never below; `either` may be both. Another account is another line.
 */
export const accounts = {
  granted: 'source',
  wallet: 'store',
  held: 'store',
  spent: 'store',
  paid: 'source',
  owed: 'source',
  fees: 'store',
  taxes: 'store',
} as const satisfies Record<string, AccountSide>;
export type AccountSide = 'source' | 'store' | 'either';
export type AccountKind = keyof typeof accounts;
export const accountKinds = Object.keys(accounts) as readonly AccountKind[];

export const entryKinds = [
  ...(['grant', 'hold', 'capture', 'release', 'charge', 'reversal', 'expire'] as const),
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

export const emptyBooks: Books = Object.fromEntries(accountKinds.map((kind) => [kind, 0n])) as Record<
  AccountKind,
  bigint
>;

/** An entry that moves `amounts`, in micro-units; accounts that do not change are left out. */
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

/** What undoes an entry: the same amounts the other way. Its reference is the entry, so it happens once. */
export const reversalEntry = (of: { id: string; postings: readonly Posting[] }, description: string): EntryDraft => ({
  kind: 'reversal',
  reference: of.id,
  description,
  postings: of.postings.map(({ account, amount }) => ({ account, amount: -amount })),
});

/** Whether an entry may be reversed: those of holds follow their hold, and what undoes is not undone. */
export const isReversible = (kind: EntryKind): boolean => !['hold', 'capture', 'release', 'reversal'].includes(kind);

const isOnSide = (side: AccountSide, balance: bigint): boolean =>
  side === 'either' || (side === 'source' ? balance <= 0n : balance >= 0n);

/** The first account that an entry would take to the wrong side of zero; undefined when the books allow it. */
export const overdrawnBy = (books: Books, { postings }: EntryDraft): AccountKind | undefined =>
  postings.find(({ account, amount }) => !isOnSide(accounts[account], books[account] + amount))?.account;
/** Takes money of the wallet back whose time is over. */
export const expireEntry = (reference: string, amount: bigint, description: string): EntryDraft =>
  draftEntry('expire', reference, description, { granted: amount, wallet: -amount });

/**
 * The books after an entry.
 * @throws Error when the entry is empty, names an account twice, does not sum to zero, leaves an amount that JSON
 * cannot carry, or takes an account to the wrong side of zero: the caller should have refused before
 */
export const applyEntry = (books: Books, draft: EntryDraft): Books => {
  const { kind, postings } = draft;
  const sum = postings.reduce((total, { amount }) => total + amount, 0n);
  const named = new Set(postings.map(({ account }) => account));
  if (postings.length < 2 || named.size < postings.length || sum !== 0n || postings.some(({ amount }) => amount === 0n))
    throw new Error(`a ${kind} entry sums to ${sum} over ${postings.length} postings`);
  const overdrawn = overdrawnBy(books, draft);
  const after = { ...books };
  for (const { account, amount } of postings) after[account] += amount;
  if (overdrawn) throw new Error(`a ${kind} entry would leave ${after[overdrawn]} in the ${overdrawn} account`);
  if (postings.some(({ account }) => after[account] > LARGEST_AMOUNT || after[account] < -LARGEST_AMOUNT))
    throw new Error(`a ${kind} entry would leave more than ${LARGEST_AMOUNT} in an account`);
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
