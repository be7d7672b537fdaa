import type { AccountKind, EntryKind } from '../ledger/ledger.ts';

/** Months are calendar months in UTC: `2026-11`. */
export type Month = string;

export const monthOf = (at: Date): Month => at.toISOString().slice(0, 7);
export const startOf = (month: Month): Date => new Date(`${month}-01T00:00:00.000Z`);
export const monthAfter = (month: Month): Month => {
  const start = startOf(month);
  return monthOf(new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)));
};

/** Minutes after a month's end in which its last transactions come to an end. */
const SETTLING_MS = 600_000;
export const closesAt = (month: Month): Date => new Date(startOf(monthAfter(month)).getTime() + SETTLING_MS);

/** The sum of postings on one account by entries of one kind. */
export interface Movement {
  readonly kind: EntryKind;
  readonly account: AccountKind;
  readonly entries: number;
  readonly amount: bigint;
}

/** The accounts that are the workspace's own: what it can spend, what is set aside, and what it owes. */
const OWN: readonly AccountKind[] = ['wallet', 'held', 'owed'];

export interface Opening {
  readonly kind: AccountKind;
  readonly balance: bigint;
}

/** What a statement says of money; amounts in micro-units. */
export interface Sheet {
  /** What was the workspace's own: spendable and set aside, less what is owed. */
  readonly opening: bigint;
  readonly movements: readonly { readonly kind: EntryKind; readonly entries: number; readonly amount: bigint }[];
  readonly closing: bigint;
  readonly accounts: readonly {
    readonly kind: AccountKind;
    readonly opening: bigint;
    readonly change: bigint;
    readonly closing: bigint;
  }[];
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

/** Draws up the sheet of a stretch of the journal. @param opening balances before its first entry */
export const drawUp = (
  opening: readonly Opening[],
  movements: readonly Movement[],
  entries: ReadonlyMap<EntryKind, number>,
): Sheet => {
  const own = opening.filter(({ kind }) => OWN.includes(kind));
  const begin = total(own.map(({ balance }) => balance));
  const kinds = [...entries].map(([kind, count]) => {
    const moved = movements.filter((one) => one.kind === kind && OWN.includes(one.account));
    return { kind, entries: count, amount: total(moved.map(({ amount }) => amount)) };
  });
  return {
    opening: begin,
    movements: kinds,
    closing: begin + total(kinds.map(({ amount }) => amount)),
    accounts: opening.map(({ kind, balance }) => {
      const change = total(movements.filter(({ account }) => account === kind).map(({ amount }) => amount));
      return { kind, opening: balance, change, closing: balance + change };
    }),
  };
};
