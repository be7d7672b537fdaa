import type { JobQueue } from '@atrium/service-kit';
import { expireEntry, grantEntry, type Books } from '../ledger/ledger.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { smaller } from '../ledger/money.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { expireCredit } from './credit.job.ts';
import type { CreditStore } from './credit.store.ts';
import {
  consume,
  expireFrom,
  follow,
  orderOf,
  planExpiry,
  PRIORITY,
  type CreditKind,
  type CreditLot,
} from './credit.ts';

/** When what running work was promised is looked at again. */
const AGAIN_MS = 900_000;

/**
 * Which money is used up first. Lots follow the journal: what was spent since is counted against them when somebody
 * asks or the order changes, which comes to the same as counting at once and costs a payment nothing.
 */
export const createCreditService = (parts: {
  credits: CreditStore;
  ledger: LedgerService;
  settings: SettingsStore;
  jobs: JobQueue;
  now: () => Date;
  newId: () => string;
}) => {
  const { credits, ledger, settings, jobs, now, newId } = parts;

  const current = async (): Promise<{ before: CreditLot[]; lots: CreditLot[]; seq: bigint; counted: bigint }> => {
    const { creditedSeq: counted } = await settings.read();
    const before = await credits.lots();
    const { movements, seq } = await credits.movements(counted);
    return { before, lots: follow(before, movements, newId), seq, counted };
  };

  /** Writes the lots as the journal makes them; the books are locked. */
  const catchUp = async (): Promise<CreditLot[]> => {
    const { before, lots, seq, counted } = await current();
    await credits.keep(before, lots);
    if (seq !== counted) await settings.change({ creditedSeq: seq });
    return lots;
  };

  const takeOut = async (books: Books, lots: readonly CreditLot[], lot: CreditLot, wanted: bigint, why: string) => {
    const amount = smaller(wanted, books.wallet);
    if (amount <= 0n) return { books, lots };
    const after = await ledger.post(books, expireEntry(`${lot.id}:${lot.remaining}`, amount, why));
    return { books: after, lots: expireFrom(lots, lot.id, amount) };
  };

  const expireDue = async (books: Books): Promise<Books> => {
    const at = now();
    if (!(await credits.hasDue(at))) return books;
    const before = await catchUp();
    const held = new Map<number, bigint>();
    for (const { expiresAt } of before)
      if (expiresAt && !held.has(expiresAt.getTime()))
        held.set(expiresAt.getTime(), await credits.heldBefore(expiresAt));
    let state = { books, lots: before as readonly CreditLot[] };
    for (const { lot, amount } of planExpiry(before, at, (moment) => held.get(moment.getTime()) ?? 0n))
      state = await takeOut(state.books, state.lots, lot, amount, 'Credit expired');
    await credits.keep(before, state.lots);
    return state.books;
  };

  return {
    expireDue,

    /** The lots in the order in which they are used up; those that are used up last. */
    async list(): Promise<CreditLot[]> {
      const lots = orderOf((await current()).lots);
      return [...lots.filter(({ remaining }) => remaining > 0n), ...lots.filter(({ remaining }) => remaining === 0n)];
    },

    /**
     * Grants money that is used up in its own order and may expire; once a reference.
     * @returns the books after it
     */
    async grant(
      books: Books,
      given: { reference: string; kind: CreditKind; amount: bigint; expiresAt: Date | null; description: string },
    ): Promise<Books> {
      const { reference: entry, kind, amount, expiresAt, description } = given;
      const reference = `grant:${entry}`;
      if (amount <= 0n || (await credits.isGranted(reference))) return books;
      await catchUp();
      const after = await ledger.post(books, grantEntry(entry, amount, description));
      const lot = { id: newId(), reference, kind, priority: PRIORITY[kind], amount, remaining: amount, expired: 0n };
      await credits.add({ ...lot, expiresAt, createdAt: now() });
      if (expiresAt) await jobs.add(expireCredit, { creditId: lot.id }, { key: lot.id, runAt: expiresAt });
      return after;
    },

    /** Takes unspent allowance back, as far as there is some that no running work was promised. */
    async withdraw(books: Books, amount: bigint, description: string): Promise<Books> {
      const before = await catchUp();
      const ours = orderOf(before.filter(({ kind, remaining }) => kind === 'allowance' && remaining > 0n));
      const promised = await credits.heldBefore(new Date(8.64e15));
      const free = consume(ours, promised);
      let left = amount;
      let state = { books, lots: before as readonly CreditLot[] };
      for (const lot of ours.toReversed()) {
        const spare = free.find(({ id }) => id === lot.id)?.remaining ?? 0n;
        const taken = smaller(spare, smaller(left, state.books.wallet));
        left -= taken;
        state = await takeOut(state.books, state.lots, lot, taken, description);
      }
      await credits.keep(before, state.lots);
      return state.books;
    },

    /** Takes out what is due, and comes back for what running work still holds. */
    async expire(creditId: string): Promise<{ books: Books; done: boolean } | undefined> {
      const locked = await ledger.lock();
      if (!locked) return undefined;
      const books = await expireDue(locked);
      const lot = (await credits.lots()).find(({ id }) => id === creditId);
      if (lot && lot.remaining > 0n)
        await jobs.add(expireCredit, { creditId }, { runAt: new Date(now().getTime() + AGAIN_MS) });
      return { books, done: lot?.remaining === 0n };
    },
  };
};
export type CreditService = ReturnType<typeof createCreditService>;
