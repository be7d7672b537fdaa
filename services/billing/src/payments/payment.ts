/** Where a payment stands, weakest first: what is known later never goes back, in whatever order it is told. */
export const paymentStatuses = ['pending', 'processing', 'cancelled', 'expired', 'failed', 'review', 'paid'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const paymentKindsOfMoney = ['topup', 'subscription'] as const;
export type PaymentKind = (typeof paymentKindsOfMoney)[number];

export const providers = ['stripe', 'manual'] as const;
export type Provider = (typeof providers)[number];

/** How far money that is taken back has come; later ones never go back. */
export const refundStatuses = ['pending', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof refundStatuses)[number];
export const disputeStatuses = ['open', 'won', 'lost'] as const;
export type DisputeStatus = (typeof disputeStatuses)[number];

/** The later of two states of one thing; the same whichever is learned first. */
export const later = <Status extends string>(order: readonly Status[], one: Status, other: Status): Status =>
  order.indexOf(one) >= order.indexOf(other) ? one : other;

/** Money of one payment that went back, or is on its way back. */
export interface TakenBack {
  /** Cents. */
  readonly taken: bigint;
  /** The part of them that is tax. */
  readonly tax: bigint;
  /** Whether it came again: a refund that failed, a dispute that was won. */
  readonly returned: boolean;
}

const live = (rows: readonly TakenBack[]): readonly TakenBack[] => rows.filter(({ returned }) => !returned);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

/** What of a payment is still here, in cents. */
export const remainderOf = (total: bigint, rows: readonly TakenBack[]): bigint =>
  total - sum(live(rows).map(({ taken }) => taken));

/**
 * Splits what goes back into credit and tax. The tax is the share of all that went back so far, rounded down to a
 * cent, less what was taken before: after a full refund all of it is back, however many parts it came in.
 * @param amount cents; what is beyond the payment is cut off
 */
export const planTakingBack = (
  payment: { readonly total: bigint; readonly tax: bigint },
  rows: readonly TakenBack[],
  amount: bigint,
): { taken: bigint; tax: bigint } => {
  const left = remainderOf(payment.total, rows);
  const taken = amount < left ? amount : left;
  if (taken <= 0n) return { taken: 0n, tax: 0n };
  const gone = payment.total - left + taken;
  const share = (payment.tax * gone) / payment.total - sum(live(rows).map(({ tax }) => tax));
  const tax = share < 0n ? 0n : share > taken ? taken : share;
  return { taken, tax };
};
