import type Stripe from 'stripe';
import { describeProblem } from '../../budgets/top-up.problem.ts';
import { problemOf } from '../automatic/card.problem.ts';
import type { SavedCard } from '../cards/card.store.ts';
import type { PaymentFacts } from '../payment.facts.ts';
import type { DisputeStatus, PaymentStatus, RefundStatus } from '../payment.ts';

type Session = Stripe.Checkout.Session;

/** The id of something that Stripe gives as an id or as the whole thing. */
const idOf = (thing: string | { id: string } | null | undefined): string | null =>
  typeof thing === 'string' ? thing : (thing?.id ?? null);

/** A complete session that is unpaid waits for a bank; when its payment fell back, the bank said no. */
const sessionStatus = (session: Session): PaymentStatus => {
  if (session.status === 'expired') return 'expired';
  if (session.status !== 'complete') return 'pending';
  if (session.payment_status !== 'unpaid') return 'paid';
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
  return intent?.status === 'requires_payment_method' || intent?.status === 'canceled' ? 'failed' : 'processing';
};

/** Nobody is there to do what a bank asks for, so a charge that waits for that has failed. */
const intentStatus = ({ status }: Stripe.PaymentIntent): PaymentStatus =>
  status === 'succeeded' ? 'paid' : status === 'processing' ? 'processing' : 'failed';

const invoiceStatus = ({ status }: Stripe.Invoice): PaymentStatus =>
  status === 'paid' ? 'paid' : status === 'void' || status === 'uncollectible' ? 'failed' : 'pending';

/** The card that was saved at a checkout of mode `setup`; undefined while it is not, or no more. */
export const cardOf = ({ setup_intent: setup }: Session): Omit<SavedCard, 'savedBy' | 'savedAt'> | undefined => {
  const method = setup !== null && typeof setup === 'object' ? setup.payment_method : null;
  if (method === null || typeof method !== 'object' || !method.card) return undefined;
  const customerId = idOf(method.customer);
  const { brand, last4, exp_month: expMonth, exp_year: expYear } = method.card;
  return customerId === null ? undefined : { customerId, methodId: method.id, brand, last4, expMonth, expYear };
};

export const refundStatus = (status: string | null): RefundStatus =>
  status === 'succeeded' ? 'succeeded' : status === 'failed' || status === 'canceled' ? 'failed' : 'pending';

/** What a bank only asks about (`warning_…`) moves no money yet, so it is not here. */
const disputeStatus = (status: string): DisputeStatus | undefined => {
  if (status.startsWith('warning_') || status === 'prevented') return undefined;
  return status === 'won' || status === 'lost' ? status : 'open';
};

const failureOf = (session: Session, status: PaymentStatus): string | null => {
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
  if (status === 'failed') return intent?.last_payment_error?.message ?? 'The bank declined.';
  return status === 'expired' ? 'It was not paid in time.' : null;
};

/** Asks Stripe for everything about payments, so that what an event said, and when, does not matter. */
export const createStripeFacts = (stripe: Stripe) => {
  const takenBack = async (intentId: string | null): Promise<Pick<PaymentFacts, 'refunds' | 'disputes'>> => {
    if (intentId === null) return { refunds: [], disputes: [] };
    const [refunds, disputes] = await Promise.all([
      stripe.refunds.list({ payment_intent: intentId, limit: 100 }).autoPagingToArray({ limit: 1_000 }),
      stripe.disputes.list({ payment_intent: intentId, limit: 100 }).autoPagingToArray({ limit: 100 }),
    ]);
    return {
      refunds: refunds.map(({ id, metadata, amount, status }) => ({
        ...{ providerId: id, refundId: metadata?.['refundId'] },
        ...{ amount: BigInt(amount), status: refundStatus(status) },
      })),
      disputes: disputes.flatMap(({ id, amount, status: told }) => {
        const status = disputeStatus(told);
        return status ? [{ providerId: id, amount: BigInt(amount), status }] : [];
      }),
    };
  };

  return {
    async ofSession(session: Session): Promise<PaymentFacts> {
      const status = sessionStatus(session);
      const intentId = idOf(session.payment_intent);
      return {
        ...{ status, intentId, failure: failureOf(session, status) },
        total: BigInt(session.amount_total ?? 0),
        currency: (session.currency ?? '').toUpperCase(),
        ...(await takenBack(status === 'paid' ? intentId : null)),
      };
    },

    async ofInvoice(invoice: Stripe.Invoice): Promise<PaymentFacts> {
      const status = invoiceStatus(invoice);
      const paid = invoice.payments?.data.find((payment) => payment.status === 'paid')?.payment;
      const intentId = idOf(paid?.payment_intent);
      return {
        ...{ status, intentId, failure: status === 'failed' ? 'The invoice was given up.' : null },
        total: BigInt(invoice.total),
        currency: invoice.currency.toUpperCase(),
        ...(await takenBack(status === 'paid' ? intentId : null)),
      };
    },

    /** Of a saved card that was charged without its owner. */
    async ofIntent(intent: Stripe.PaymentIntent): Promise<PaymentFacts> {
      const status = intentStatus(intent);
      const problem = status === 'failed' ? problemOf(intent.last_payment_error ?? null) : undefined;
      return {
        ...{ status, intentId: intent.id, total: BigInt(intent.amount), currency: intent.currency.toUpperCase() },
        ...(problem ? { problem, failure: describeProblem(problem).reason } : { failure: null }),
        ...(await takenBack(status === 'paid' ? intent.id : null)),
      };
    },

    intent: (id: string): Promise<Stripe.PaymentIntent> => stripe.paymentIntents.retrieve(id),

    /** The charge of an automatic top-up that Stripe knows of; asked when its answer was lost. */
    async intentOf(paymentId: string, customer: string, since: Date): Promise<Stripe.PaymentIntent | undefined> {
      const created = { gte: Math.floor(since.getTime() / 1000) - 60 };
      const known = await stripe.paymentIntents
        .list({ customer, created, limit: 100 })
        .autoPagingToArray({ limit: 1_000 });
      return known.find(({ metadata }) => metadata['paymentId'] === paymentId && metadata['automatic'] === 'true');
    },

    session: (id: string): Promise<Session> =>
      stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent', 'setup_intent.payment_method'] }),
    invoice: (id: string): Promise<Stripe.Invoice> => stripe.invoices.retrieve(id, { expand: ['payments'] }),

    /** What a payment intent was made for: a checkout, or the invoice of a subscription. */
    async madeFor(id: string): Promise<{ sessionId: string | null; invoiceId: string | null }> {
      const sessions = await stripe.checkout.sessions.list({ payment_intent: id, limit: 1 });
      const sessionId = sessions.data[0]?.id ?? null;
      if (sessionId !== null) return { sessionId, invoiceId: null };
      const payments = await stripe.invoicePayments.list({
        payment: { type: 'payment_intent', payment_intent: id },
        limit: 1,
      });
      return { sessionId: null, invoiceId: idOf(payments.data[0]?.invoice) };
    },
  };
};
export type StripeFacts = ReturnType<typeof createStripeFacts>;
