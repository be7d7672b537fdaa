import { draftEntry, type AccountKind, type Books, type EntryDraft, type EntryKind } from '../ledger/ledger.ts';
import { smaller } from '../ledger/money.ts';
import type { PaymentKind } from './payment.ts';

/** What moves with a payment, in micro-units: the part that buys something, and the tax on it. */
export interface Moved {
  readonly kind: PaymentKind;
  readonly net: bigint;
  readonly tax: bigint;
}

type Amounts = Partial<Record<AccountKind, bigint>>;

/** Credit that comes in pays first what is owed. */
const credited = (books: Books, net: bigint): Amounts => {
  const owed = smaller(net, -books.owed);
  return { owed, wallet: net - owed };
};

/** Credit that is taken back leaves the wallet as far as it goes; the rest is owed. */
const debited = (books: Books, net: bigint): Amounts => {
  const wallet = smaller(net, books.wallet);
  return { wallet: -wallet, owed: -(net - wallet) };
};

const comingIn = (books: Books, { kind, net, tax }: Moved): Amounts => ({
  paid: -(net + tax),
  taxes: tax,
  ...(kind === 'topup' ? credited(books, net) : { fees: net }),
});

const goingOut = (books: Books, { kind, net, tax }: Moved): Amounts => ({
  paid: net + tax,
  taxes: -tax,
  ...(kind === 'topup' ? debited(books, net) : { fees: -net }),
});

/** Money that came in; the reference is the payment's id. */
export const paymentEntry = (books: Books, paymentId: string, moved: Moved, description: string): EntryDraft =>
  draftEntry(moved.kind, paymentId, description, comingIn(books, moved));

/** Money that goes back; the reference is the id of the refund or dispute. */
export const takeBackEntry = (
  books: Books,
  kind: Extract<EntryKind, 'refund' | 'dispute'>,
  id: string,
  moved: Moved,
  description: string,
): EntryDraft => draftEntry(kind, id, description, goingOut(books, moved));

/** Undoes a refund that failed or a dispute that was won. */
export const giveBackEntry = (
  books: Books,
  kind: Extract<EntryKind, 'refund' | 'dispute'>,
  id: string,
  moved: Moved,
  description: string,
): EntryDraft => draftEntry(`${kind}_reversal`, id, description, comingIn(books, moved));
