import { decodeCursor, invalid, notFound } from '@atrium/service-kit';
import {
  applyEntry,
  emptyBooks,
  grantEntry,
  openingKinds,
  trialBalance,
  type AccountKind,
  type AccountSum,
  type Books,
  type EntryDraft,
} from './ledger.ts';
import type { BookedEntry, LedgerStore } from './ledger.store.ts';

const booksOf = (accounts: readonly { kind: keyof Books; balance: bigint }[]): Books => ({
  ...emptyBooks,
  ...Object.fromEntries(accounts.map(({ kind, balance }) => [kind, balance])),
});

const placeOf = (cursor: string | undefined): bigint | undefined => {
  const at = decodeCursor(cursor)?.at;
  if (at === undefined) return undefined;
  if (!/^\d{1,18}$/.test(at)) throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return BigInt(at);
};

/** The journal of a workspace: the one way in which money moves. */
export const createLedgerService = ({
  ledger,
  now,
  newId,
}: {
  ledger: LedgerStore;
  now: () => Date;
  newId: () => string;
}) => {
  /** Locks the books until the transaction ends; undefined while the workspace has no accounts. */
  const lock = async (): Promise<Books | undefined> => {
    const accounts = await ledger.lock();
    return accounts.length === 0 ? undefined : booksOf(accounts);
  };

  /** Locks the books, opening first the accounts that are asked for and not there. */
  const openAndLock = async (kinds: readonly AccountKind[] = openingKinds): Promise<Books> => {
    const accounts = await ledger.lock();
    if (kinds.every((kind) => accounts.some((account) => account.kind === kind))) return booksOf(accounts);
    await ledger.open(kinds, newId, now());
    return booksOf(await ledger.lock());
  };

  /** Books an entry on locked books and returns them as they are after it. */
  const post = async (books: Books, draft: EntryDraft): Promise<Books> => {
    const after = applyEntry(books, draft);
    await ledger.append(newId(), draft, now());
    return after;
  };

  return {
    lock,
    openAndLock,
    post,

    isBooked: (entry: Pick<EntryDraft, 'kind' | 'reference'>): Promise<boolean> => ledger.isBooked(entry),

    /** Opens the accounts of a new workspace and grants its welcome credit, once. */
    async welcome(credit: bigint): Promise<void> {
      const books = await openAndLock();
      const draft = grantEntry('welcome', credit, 'Welcome credit');
      if (credit === 0n || (await ledger.isBooked(draft))) return;
      await post(books, draft);
    },

    balance: async (): Promise<Books> => booksOf(await ledger.accounts()),

    transactions: (limit: number, cursor: string | undefined): Promise<BookedEntry[]> =>
      ledger.list(limit + 1, placeOf(cursor)),

    transaction: async (id: string): Promise<BookedEntry> => (await ledger.find(id)) ?? notFound('transaction', id),

    async trialBalance(): Promise<{ balanced: boolean; total: bigint; accounts: AccountSum[] }> {
      const accounts = await ledger.sums();
      return { ...trialBalance(accounts), accounts };
    },
  };
};
export type LedgerService = ReturnType<typeof createLedgerService>;
