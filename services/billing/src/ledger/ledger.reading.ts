import { decodeCursor, invalid, notFound } from '@atrium/service-kit';
import { booksOf } from './ledger.service.ts';
import { trialBalance, type AccountSum, type Books } from './ledger.ts';
import type { BookedEntry, EntryFilter, LedgerStore } from './ledger.store.ts';

const placeOf = (cursor: string | undefined): bigint | undefined => {
  const at = decodeCursor(cursor)?.at;
  if (at === undefined) return undefined;
  if (!/^\d{1,18}$/.test(at)) throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return BigInt(at);
};

/** What people read of the books. */
export const createLedgerReading = ({ ledger }: { ledger: LedgerStore }) => ({
  balance: async (): Promise<Books> => booksOf(await ledger.accounts()),

  accounts: () => ledger.accounts(),

  /** One more than `limit`, newest first, so that it shows whether there are more. */
  transactions: (filter: EntryFilter, limit: number, cursor: string | undefined): Promise<BookedEntry[]> =>
    ledger.list(filter, limit + 1, placeOf(cursor)),

  transactionsBefore: (filter: EntryFilter, limit: number, before: bigint | undefined): Promise<BookedEntry[]> =>
    ledger.list(filter, limit, before),

  transaction: async (id: string): Promise<BookedEntry> => (await ledger.find(id)) ?? notFound('transaction', id),

  async trialBalance(): Promise<{ balanced: boolean; total: bigint; accounts: AccountSum[] }> {
    const accounts = await ledger.sums();
    return { ...trialBalance(accounts), accounts };
  },
});
export type LedgerReading = ReturnType<typeof createLedgerReading>;
