import { conflict, NO_WORKSPACE, notFound, type Tenant } from '@atrium/service-kit';
import { insufficientFunds, lasting, refusalOf, type Carried } from './ledger.desk.ts';
import type { EntryCommand, LedgerCommand, Order, Outcome } from './ledger.commands.ts';
import {
  applyEntry,
  emptyBooks,
  grantEntry,
  isReversible,
  overdrawnBy,
  reversalEntry,
  type Books,
  type EntryDraft,
} from './ledger.ts';
import type { BookedEntry, LedgerStore } from './ledger.store.ts';

export const booksOf = (accounts: readonly { kind: keyof Books; balance: bigint }[]): Books => ({
  ...emptyBooks,
  ...Object.fromEntries(accounts.map(({ kind, balance }) => [kind, balance])),
});

/** The journal of a workspace, for work that moves money along with other things in one transaction. */
export const createLedgerService = ({
  tenant,
  ledger,
  apply,
  now,
  newId,
}: {
  tenant: Tenant;
  ledger: LedgerStore;
  /** Takes one order to the books, inside the transaction that the service was built on. */
  apply: (order: Order) => Promise<Outcome>;
  now: () => Date;
  newId: () => string;
}) => {
  const openAndRead = async (): Promise<Books> => {
    await ledger.open(newId, now());
    await ledger.lock();
    return booksOf(await ledger.accounts());
  };

  /** Locks the books until the transaction ends; undefined while the workspace has no accounts. */
  const lock = async (): Promise<Books | undefined> => {
    if (!(await ledger.lock())) return undefined;
    const accounts = await ledger.accounts();
    if (accounts.length === 0) return undefined;
    return accounts.length < Object.keys(emptyBooks).length ? openAndRead() : booksOf(accounts);
  };

  /** Locks the books, opening the accounts first where there are none. */
  const openAndLock = async (): Promise<Books> => (await lock()) ?? openAndRead();

  /**
   * Locks the books, with or without accounts: what is decided of a workspace that is only being opened is seen by the
   * first command of it.
   */
  const lockEarly = async (): Promise<Books | undefined> => {
    await ledger.begin();
    return lock();
  };

  const submit = (command: LedgerCommand): Promise<Outcome> => {
    const userId = tenant.userId ?? NO_WORKSPACE;
    return apply({ workspaceId: tenant.workspaceId, userId, keyed: undefined, status: 200, command });
  };

  /**
   * Books an entry on locked books and returns them as they are after it. It takes the same way as every command: the
   * batch of one.
   * @throws DomainError 409 `entry.already_booked` when its kind and reference are in the journal
   */
  const post = async (books: Books, draft: EntryDraft): Promise<Books> => {
    const after = applyEntry(books, draft);
    const command: EntryCommand = { verb: 'entry', draft, amount: 0n };
    const outcome = await submit(command);
    if (outcome.outcome !== 'done') throw refusalOf(outcome, command);
    return after;
  };

  return {
    lock,
    lockEarly,
    openAndLock,
    post,

    /** Carries a command out on locked books, as it would be in a batch. @throws DomainError when it is refused */
    async carryOut(command: LedgerCommand): Promise<Carried> {
      const outcome = await submit(command);
      const carried = lasting(outcome);
      if (!carried) throw refusalOf(outcome, command);
      return carried;
    },

    /** Opens the accounts of a new workspace and grants its welcome credit, once. */
    async welcome(credit: bigint): Promise<void> {
      const books = await openAndLock();
      const draft = grantEntry('welcome', credit, 'Welcome credit');
      if (credit === 0n || (await ledger.isBooked(draft))) return;
      await post(books, draft);
    },

    /**
     * Undoes an entry by one that moves the same amounts the other way; once, and never back below zero.
     * @returns the books after it
     */
    async reverseEntry(id: string, description: string): Promise<Books> {
      const books = await openAndLock();
      const entry: BookedEntry = (await ledger.find(id)) ?? notFound('transaction', id);
      if (!isReversible(entry.kind))
        throw conflict('entry.not_reversible', `A ${entry.kind} is not reversed: settle its hold, or book a refund.`);
      const draft = reversalEntry(entry, description);
      if (await ledger.isBooked(draft)) throw conflict('entry.already_reversed', 'This entry was reversed before.');
      const overdrawn = overdrawnBy(books, draft);
      if (overdrawn) {
        const asked = draft.postings.find(({ account }) => account === overdrawn)?.amount ?? 0n;
        throw insufficientFunds(asked < 0n ? -asked : asked, books[overdrawn]);
      }
      return post(books, draft);
    },
  };
};
export type LedgerService = ReturnType<typeof createLedgerService>;
