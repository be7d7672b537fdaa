import { conflict, DomainError, notFound, type JobQueue } from '@atrium/service-kit';
import { toWire } from '../../ledger/money.ts';
import type { Payment } from '../payment.entity.ts';
import type { PaymentFacts } from '../payment.facts.ts';
import { movedBy, type PaymentSettlement } from '../payment.settlement.ts';
import type { PaymentStore } from '../payment.store.ts';
import { disputeStatuses, later, planTakingBack, refundStatuses, remainderOf, type TakenBack } from '../payment.ts';
import type { Dispute, Refund } from './refund.entity.ts';
import { sendRefund } from './refund.sending.ts';
import type { RefundStore } from './refund.store.ts';

/** Money that goes back: refunds asked for here, and refunds and disputes that the provider tells of. */
export const createRefundService = (parts: {
  payments: PaymentStore;
  refunds: RefundStore;
  settlement: PaymentSettlement;
  jobs: JobQueue;
  now: () => Date;
  newId: () => string;
}) => {
  const { payments, refunds, settlement, jobs, now, newId } = parts;

  const takenBack = async (paymentId: string): Promise<TakenBack[]> => [
    ...(await refunds.refunds(paymentId)).map((row) => ({ ...row, returned: row.status === 'failed' })),
    ...(await refunds.disputes(paymentId)).map((row) => ({ ...row, returned: row.status === 'won' })),
  ];

  const rowFor = async (payment: Payment, amount: bigint) => {
    const { taken, tax } = planTakingBack(payment, await takenBack(payment.id), amount);
    const at = now();
    return { id: newId(), paymentId: payment.id, amount, taken, tax, createdAt: at, updatedAt: at };
  };

  /** Moves a refund on, and its money and document with it. */
  const advanceRefund = async (payment: Payment, row: Refund, seen: Pick<Refund, 'status' | 'providerId'>) => {
    const status = later(refundStatuses, row.status, seen.status);
    const providerId = row.providerId ?? seen.providerId;
    if (status === row.status && providerId === row.providerId) return;
    await refunds.changeRefund(row.id, { status, providerId, updatedAt: now() });
    if (status === row.status) return;
    if (status === 'succeeded') await settlement.document(payment, row, 'refund');
    if (status === 'failed') {
      await settlement.giveBack(await settlement.lock(), payment, 'refund', row);
      if (row.status === 'succeeded') await settlement.document(payment, row, 'refund_failed');
    }
  };

  const learnRefund = async (payment: Payment, seen: PaymentFacts['refunds'][number]): Promise<void> => {
    const known = await refunds.refunds(payment.id);
    const row =
      known.find(({ providerId }) => providerId === seen.providerId) ??
      known.find(({ id, providerId }) => id === seen.refundId && providerId === null);
    if (row) return advanceRefund(payment, row, seen);
    const added = await refunds.addRefund({
      ...(await rowFor(payment, seen.amount)),
      ...{ providerId: seen.providerId, status: 'pending', reason: null, createdBy: null },
    });
    await settlement.takeBack(await settlement.lock(), payment, 'refund', added);
    await advanceRefund(payment, added, seen);
  };

  const advanceDispute = async (payment: Payment, row: Dispute, seen: Dispute['status']): Promise<void> => {
    const status = later(disputeStatuses, row.status, seen);
    if (status === row.status) return;
    await refunds.changeDispute(row.id, { status, updatedAt: now() });
    if (status === 'lost') await settlement.document(payment, row, 'dispute');
    if (status === 'won') await settlement.giveBack(await settlement.lock(), payment, 'dispute', row);
  };

  const learnDispute = async (payment: Payment, seen: PaymentFacts['disputes'][number]): Promise<void> => {
    const known = (await refunds.disputes(payment.id)).find(({ providerId }) => providerId === seen.providerId);
    if (known) return advanceDispute(payment, known, seen.status);
    const added = await refunds.addDispute({
      ...(await rowFor(payment, seen.amount)),
      ...{ providerId: seen.providerId, status: 'open', reason: null, createdBy: null },
    });
    await settlement.takeBack(await settlement.lock(), payment, 'dispute', added);
    await advanceDispute(payment, added, seen.status);
  };

  return {
    /**
     * Sends money of a payment back. What of it was spent stays: who could be paid back for what they used would pay
     * nothing.
     * @param amount cents; everything that is left when undefined
     * @throws DomainError 404; 409 `payment.not_paid`, `refund.nothing_left`, `refund.already_spent`;
     * 422 `refund.too_much` with what is left
     */
    async request(paymentId: string, amount: bigint | undefined, reason: string, userId: string): Promise<Refund> {
      const books = await settlement.lock();
      const payment = (await payments.lock(paymentId)) ?? notFound('payment', paymentId);
      if (payment.status !== 'paid')
        throw conflict('payment.not_paid', `The payment is ${payment.status}; only a paid one can be refunded.`);
      const left = remainderOf(payment.total, await takenBack(paymentId));
      if (left <= 0n) throw conflict('refund.nothing_left', 'All of this payment was refunded or is disputed.');
      const wanted = amount ?? left;
      if (wanted > left)
        throw new DomainError('refund.too_much', 422, 'That is more than is left of this payment.', {
          extra: { refundableCents: toWire(left) },
        });
      const row = await rowFor(payment, wanted);
      const { net } = movedBy(payment, row);
      if (payment.kind === 'topup' && net > books.wallet)
        throw new DomainError('refund.already_spent', 409, 'Part of this credit was spent or is held. Refund less.', {
          extra: { refundableCents: toWire(books.wallet / payment.rate) },
        });
      const manual = payment.provider === 'manual';
      const refund = await refunds.addRefund({
        ...row,
        ...{ providerId: null, status: manual ? 'succeeded' : 'pending', reason, createdBy: userId },
      });
      await settlement.takeBack(books, payment, 'refund', refund);
      if (manual) await settlement.document(payment, refund, 'refund');
      else await jobs.add(sendRefund, { refundId: refund.id }, { key: refund.id });
      return refund;
    },

    /** What the provider has to be told to send a refund; undefined when it knows already, or it came to nothing. */
    async unsent(id: string): Promise<{ refund: Refund; intentId: string } | undefined> {
      const refund = await refunds.findRefund(id);
      if (refund?.status !== 'pending' || refund.providerId !== null) return undefined;
      const payment = await payments.find(refund.paymentId);
      return payment?.intentId ? { refund, intentId: payment.intentId } : undefined;
    },

    /** Notes what the provider made of a refund that was asked for here. */
    async sent(id: string, seen: Pick<Refund, 'status' | 'providerId'>): Promise<void> {
      await settlement.lock();
      const refund = (await refunds.findRefund(id)) ?? notFound('refund', id);
      const payment = (await payments.lock(refund.paymentId)) ?? notFound('payment', refund.paymentId);
      await advanceRefund(payment, refund, seen);
    },

    /** Learns of everything that went back at the provider. The payment is paid and its row locked. */
    async learn(payment: Payment, facts: PaymentFacts): Promise<void> {
      for (const seen of facts.refunds) await learnRefund(payment, seen);
      for (const seen of facts.disputes) await learnDispute(payment, seen);
    },

    of: (paymentId: string): Promise<Refund[]> => refunds.refunds(paymentId),
    disputesOf: (paymentId: string): Promise<Dispute[]> => refunds.disputes(paymentId),
  };
};
export type RefundService = ReturnType<typeof createRefundService>;
