import { PaymentFailed, PaymentSucceeded } from '@atrium/contracts';
import type { Logger, Outbox } from '@atrium/service-kit';
import { describeProblem, type TopUpProblem } from '../budgets/top-up.problem.ts';
import type { TopUpService } from '../budgets/top-up.service.ts';
import { documentFor, invoiceFor } from '../invoices/invoice.ts';
import type { InvoiceService } from '../invoices/invoice.service.ts';
import type { Books, EntryDraft } from '../ledger/ledger.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { toWire } from '../ledger/money.ts';
import { giveBackEntry, paymentEntry, takeBackEntry, type Moved } from './payment.books.ts';
import type { Payment } from './payment.entity.ts';
import type { PaymentFacts } from './payment.facts.ts';
import type { PaymentStore } from './payment.store.ts';
import { later, paymentStatuses, type PaymentStatus } from './payment.ts';
import type { Plans } from './plan.port.ts';
import type { Dispute, Refund } from './refunds/refund.entity.ts';

export const movedBy = (payment: Payment, cents: { taken: bigint; tax: bigint }): Moved => ({
  kind: payment.kind,
  net: (cents.taken - cents.tax) * payment.rate,
  tax: cents.tax * payment.rate,
});

/**
 * Books what became of payments. Everything happens on locked books, and every step only goes forward, so the order
 * in which things are learned, and how often, makes no difference.
 */
export const createPaymentSettlement = (parts: {
  ledger: Pick<LedgerService, 'openAndLock' | 'post'>;
  payments: PaymentStore;
  invoices: Pick<InvoiceService, 'issue' | 'numberOf'>;
  outbox: Outbox;
  plans: Plans;
  topUps: Pick<TopUpService, 'finish'>;
  now: () => Date;
  log: Pick<Logger, 'error'>;
}) => {
  const { ledger, payments, invoices, outbox, plans, topUps, now, log } = parts;

  const told = ({ id, kind, provider, total, currency }: Payment) => ({
    paymentId: id,
    ...{ kind, provider, totalCents: toWire(total), currency },
  });

  const post = async (books: Books, draft: EntryDraft): Promise<Books> => ledger.post(books, draft);

  const describe = ({ kind, provider, plan, automatic }: Payment): string =>
    kind === 'topup'
      ? `${automatic ? 'Automatic top-up' : 'Top-up'} by ${provider}`
      : `Plan ${plan ?? ''} by ${provider}`;

  /** A top-up that was asked for by a rule ends with its payment. */
  const ended = async ({ id, automatic }: Payment, problem?: TopUpProblem): Promise<void> => {
    if (automatic) await topUps.finish(id, problem);
  };

  const arrive = async (books: Books, payment: Payment, intentId: string | null): Promise<Books> => {
    const at = now();
    const moved = movedBy(payment, { taken: payment.total, tax: payment.tax });
    const after = await post(books, paymentEntry(books, payment.id, moved, describe(payment)));
    await payments.change(payment.id, { status: 'paid', paidAt: at, updatedAt: at, intentId, failure: null });
    await invoices.issue(invoiceFor(payment));
    const { plan, periodStart, periodEnd } = payment;
    if (plan !== null && periodStart && periodEnd) await plans.activate(plan, periodStart, periodEnd, payment.id);
    await ended(payment);
    await outbox.add(PaymentSucceeded, payment.id, told(payment));
    return after;
  };

  const comesToNothing = (status: PaymentStatus): boolean => status === 'failed' || status === 'expired';

  /** Takes the payment as far as the facts go. @returns the books, and whether it is paid */
  const advance = async (books: Books, payment: Payment, facts: PaymentFacts) => {
    const differs = facts.total !== payment.total || facts.currency !== payment.currency;
    const seen = facts.status === 'paid' && differs ? 'review' : facts.status;
    const status = later(paymentStatuses, payment.status, seen);
    if (status === payment.status) return { books, paid: status === 'paid' };
    if (status === 'paid') return { books: await arrive(books, payment, facts.intentId), paid: true };
    if (status === 'review')
      log.error(
        { paymentId: payment.id, asked: `${payment.total}`, got: `${facts.total} ${facts.currency}` },
        'a payment arrived with another amount or currency than was asked for; nothing was credited: look at it in Stripe',
      );
    await payments.change(payment.id, {
      ...{ status, failure: facts.failure, updatedAt: now() },
      ...(facts.intentId === null ? {} : { intentId: facts.intentId }),
    });
    const problem = facts.problem && { code: facts.problem, advice: describeProblem(facts.problem).advice };
    if (status === 'review') await ended(payment, 'payment_review');
    if (comesToNothing(status)) {
      await ended(payment, facts.problem ?? 'card_declined');
      await outbox.add(PaymentFailed, payment.id, { ...told(payment), reason: facts.failure ?? status, ...problem });
    }
    return { books, paid: false };
  };

  return {
    /** Locks the books. */
    lock: (): Promise<Books> => ledger.openAndLock(),
    arrive,
    advance,

    /** Takes money of a paid payment back out of the books. */
    takeBack: (books: Books, payment: Payment, kind: 'refund' | 'dispute', row: Refund | Dispute): Promise<Books> => {
      if (row.taken === 0n) return Promise.resolve(books);
      const words = kind === 'refund' ? 'Refund' : 'Disputed at the bank';
      return post(books, takeBackEntry(books, kind, row.id, movedBy(payment, row), words));
    },

    /** Puts it back: the refund failed, or the dispute was won. */
    giveBack: (books: Books, payment: Payment, kind: 'refund' | 'dispute', row: Refund | Dispute): Promise<Books> => {
      if (row.taken === 0n) return Promise.resolve(books);
      const words = kind === 'refund' ? 'A refund that failed' : 'A dispute that was won';
      return post(books, giveBackEntry(books, kind, row.id, movedBy(payment, row), words));
    },

    /** Writes the document that tells the customer. */
    async document(payment: Payment, row: Refund | Dispute, what: Parameters<typeof documentFor>[2]): Promise<void> {
      await invoices.issue(documentFor(payment, row, what, await invoices.numberOf(payment.id)));
    },
  };
};
export type PaymentSettlement = ReturnType<typeof createPaymentSettlement>;
