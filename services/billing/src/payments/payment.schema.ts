import { z } from 'zod';
import { toWire } from '../ledger/money.ts';
import type { Payment } from './payment.entity.ts';
import {
  disputeStatuses,
  paymentKindsOfMoney,
  paymentStatuses,
  providers,
  refundStatuses,
  remainderOf,
} from './payment.ts';
import type { Dispute, Refund } from './refunds/refund.entity.ts';

/** Cents in a request; the limits of the installation are checked beside it. */
const Cents = z.int().positive().max(1_000_000_000_000);
const Currency = z.string().regex(/^[A-Z]{3}$/);

export const TopUp = z.strictObject({
  /** What the wallet gets, in cents of the workspace's currency; taxes that are not contained come on top. */
  amountCents: Cents,
  /** May be named to be sure; any other than the workspace's is refused. */
  currency: Currency.optional(),
});

export const ManualTopUp = TopUp.extend({
  reason: z.string().trim().min(1).max(500),
  /** Where the money is found in the operator's own books; a reference is booked once. */
  reference: z.string().trim().min(1).max(200),
});

export const Subscribe = z.strictObject({ plan: z.string().min(1).max(100) });

export const AskRefund = z.strictObject({
  /** Everything that is left when absent. */
  amountCents: Cents.optional(),
  reason: z.string().trim().min(1).max(500),
});

const TaxView = z.object({ name: z.string(), rate: z.int(), inclusive: z.boolean(), amountCents: z.int() });

export const RefundView = z
  .object({
    id: z.uuid(),
    paymentId: z.uuid(),
    status: z.enum(refundStatuses),
    amountCents: z.int(),
    reason: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'PaymentRefund' });

const DisputeView = z
  .object({ id: z.uuid(), status: z.enum(disputeStatuses), amountCents: z.int(), createdAt: z.iso.datetime() })
  .meta({ id: 'PaymentDispute' });

export const PaymentView = z
  .object({
    id: z.uuid(),
    kind: z.enum(paymentKindsOfMoney),
    provider: z.enum(providers),
    /** Made by the rule of automatic top-ups. */
    automatic: z.boolean(),
    status: z.enum(paymentStatuses),
    currency: z.string(),
    /** What is bought, with the taxes it contains. */
    amountCents: z.int(),
    taxes: z.array(TaxView),
    totalCents: z.int(),
    plan: z.string().nullable(),
    reference: z.string().nullable(),
    reason: z.string().nullable(),
    /** Why it came to nothing. */
    failure: z.string().nullable(),
    /** Where to pay, while it is pending. */
    checkoutUrl: z.string().nullable(),
    createdAt: z.iso.datetime(),
    paidAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Payment' });

export const PaymentDetailView = PaymentView.extend({
  refunds: z.array(RefundView),
  disputes: z.array(DisputeView),
  /** What could still go back. */
  refundableCents: z.int(),
}).meta({ id: 'PaymentDetail' });

export const CheckoutLink = z.object({ url: z.string() }).meta({ id: 'CheckoutLink' });

export const PaymentMethodsView = z
  .object({
    /** `stripe`: people pay by card; `manual`: an administrator enters what was paid in another way. */
    payments: z.enum(['stripe', 'manual']),
    manualTopUps: z.boolean(),
    /** Whether a card can be saved here, and the wallet be topped up by itself. */
    automaticTopUps: z.boolean(),
    /** The saved card. */
    card: z
      .object({
        brand: z.string(),
        last4: z.string(),
        expMonth: z.int(),
        expYear: z.int(),
        expired: z.boolean(),
        savedAt: z.iso.datetime(),
      })
      .nullable(),
    currency: z.string(),
    currencies: z.array(z.string()),
    leastCents: z.int(),
    mostCents: z.int(),
  })
  .meta({ id: 'PaymentMethods' });

const taxesOf = ({ taxes }: Payment) =>
  taxes.map(({ name, rate, inclusive, amount }) => ({ name, rate, inclusive, amountCents: Number(amount) }));

export const presentPayment = (payment: Payment): z.input<typeof PaymentView> => ({
  ...payment,
  amountCents: toWire(payment.price),
  taxes: taxesOf(payment),
  totalCents: toWire(payment.total),
  checkoutUrl: payment.status === 'pending' ? payment.checkoutUrl : null,
  createdAt: payment.createdAt.toISOString(),
  paidAt: payment.paidAt?.toISOString() ?? null,
});

export const presentRefund = (refund: Refund): z.input<typeof RefundView> => ({
  ...refund,
  amountCents: toWire(refund.amount),
  createdAt: refund.createdAt.toISOString(),
});

export const presentDetail = (
  payment: Payment,
  refunds: readonly Refund[],
  disputes: readonly Dispute[],
): z.input<typeof PaymentDetailView> => {
  const back = [
    ...refunds.map((row) => ({ ...row, returned: row.status === 'failed' })),
    ...disputes.map((row) => ({ ...row, returned: row.status === 'won' })),
  ];
  return {
    ...presentPayment(payment),
    refunds: refunds.map(presentRefund),
    disputes: disputes.map(({ id, status, amount, createdAt }) => ({
      ...{ id, status, amountCents: toWire(amount), createdAt: createdAt.toISOString() },
    })),
    refundableCents: payment.status === 'paid' ? toWire(remainderOf(payment.total, back)) : 0,
  };
};
