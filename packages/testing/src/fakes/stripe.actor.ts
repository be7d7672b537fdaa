import type { createStripeApi } from './stripe.api.ts';
import type {
  StripeBook,
  StripeCard,
  StripeCardTemper,
  StripeFakeEvent,
  StripeIntent,
  StripeSession,
} from './stripe.model.ts';
import { seconds, stripeId } from './stripe.refusal.ts';

/** What people and banks do at Stripe, each with the events that Stripe tells of it. */
export const createStripeActor = (
  book: StripeBook,
  api: ReturnType<typeof createStripeApi>,
  tell: (type: string, about: object) => StripeFakeEvent,
) => {
  const found = <Row>(rows: Map<string, Row>, id: string): Row => {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`the fake Stripe has no ${id}`);
    return row;
  };
  const intentFor = (amount: number, currency: string, metadata: Record<string, string>): StripeIntent => {
    const intent: StripeIntent = {
      ...{ id: stripeId('pi'), object: 'payment_intent', status: 'succeeded', amount, currency },
      ...{ customer: null, payment_method: null, created: seconds(), last_payment_error: null, metadata },
    };
    book.intents.set(intent.id, intent);
    return intent;
  };

  return {
    sessionOf: (id: string): StripeSession => found(book.sessions, id),

    /** Somebody has a card saved at a checkout of mode `setup`. @returns the payment method */
    saveCard(sessionId: string, temper: StripeCardTemper = 'pays', card: Partial<StripeCard> = {}): string {
      const session = found(book.sessions, sessionId);
      const [id, setup] = [stripeId('pm'), stripeId('seti')];
      book.methods.set(id, {
        ...{ id, object: 'payment_method', type: 'card', customer: session.customer },
        card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2034, ...card },
      });
      book.tempers.set(id, temper);
      book.setups.set(setup, {
        ...{ id: setup, object: 'setup_intent', status: 'succeeded', customer: session.customer, payment_method: id },
      });
      Object.assign(session, { status: 'complete', setup_intent: setup, url: null });
      tell('setup_intent.succeeded', found(book.setups, setup));
      tell('checkout.session.completed', session);
      return id;
    },
    /** What the bank says in the end of a saved card that pays slowly. */
    settleIntent(intentId: string, arrives: boolean): void {
      const intent = found(book.intents, intentId);
      intent.status = arrives ? 'succeeded' : 'requires_payment_method';
      if (!arrives) intent.last_payment_error = { code: 'card_declined', message: 'Your card was declined.' };
      tell(`payment_intent.${arrives ? 'succeeded' : 'payment_failed'}`, intent);
    },

    /** Somebody pays; a slow way of paying completes the session and settles later. */
    pay(sessionId: string, how: 'at-once' | 'slowly' = 'at-once'): string {
      const session = found(book.sessions, sessionId);
      const intent = intentFor(session.amount_total ?? 0, session.currency, session.metadata);
      intent.status = how === 'slowly' ? 'processing' : 'succeeded';
      const paid = how === 'at-once' ? ('paid' as const) : ('unpaid' as const);
      Object.assign(session, { status: 'complete', payment_status: paid, payment_intent: intent.id, url: null });
      if (how === 'at-once') tell('payment_intent.succeeded', intent);
      tell('checkout.session.completed', session);
      return intent.id;
    },
    /** What the bank says of a slow payment in the end. */
    settle(sessionId: string, arrives: boolean): void {
      const session = found(book.sessions, sessionId);
      const intent = found(book.intents, session.payment_intent ?? '');
      intent.status = arrives ? 'succeeded' : 'requires_payment_method';
      if (arrives) session.payment_status = 'paid';
      else intent.last_payment_error = { message: 'The account has not enough money.' };
      tell(`checkout.session.async_payment_${arrives ? 'succeeded' : 'failed'}`, session);
    },
    expire: (sessionId: string): void => void api.expire(sessionId),
    /** A refund that somebody makes at Stripe itself. */
    refund: (intentId: string, amount: number): void =>
      void api.post('/v1/refunds', { payment_intent: intentId, amount: String(amount) }),
    /** The bank sends a refund back. */
    failRefund(refundId: string): void {
      const refund = found(book.refunds, refundId);
      refund.status = 'failed';
      tell('refund.failed', refund);
    },
    dispute(intentId: string, status: 'needs_response' | 'warning_needs_response' = 'needs_response'): string {
      const { amount, currency } = found(book.intents, intentId);
      const dispute = {
        id: stripeId('du'),
        object: 'dispute' as const,
        payment_intent: intentId,
        amount,
        currency,
        status,
      };
      book.disputes.set(dispute.id, dispute);
      tell('charge.dispute.created', dispute);
      return dispute.id;
    },
    closeDispute(id: string, status: 'won' | 'lost'): void {
      const dispute = found(book.disputes, id);
      dispute.status = status;
      tell('charge.dispute.closed', dispute);
    },
    /** A period of a subscription is paid, the first one or a later one. */
    payPeriod(subscriptionId: string): string {
      const subscription = found(book.subscriptions, subscriptionId);
      const { amount, currency, metadata } = subscription;
      const start = subscription.periodEnd || seconds();
      subscription.periodEnd = start + 30 * 86_400;
      const intent = intentFor(amount, currency, {});
      const id = stripeId('in');
      const payment = { type: 'payment_intent' as const, payment_intent: intent.id };
      book.invoices.set(id, {
        ...{ id, object: 'invoice', status: 'paid', total: amount, currency },
        parent: { subscription_details: { subscription: subscriptionId, metadata } },
        lines: { object: 'list', data: [{ period: { start, end: subscription.periodEnd } }] },
        payments: { object: 'list', data: [{ status: 'paid', payment }] },
      });
      tell('invoice.paid', found(book.invoices, id));
      return intent.id;
    },
  };
};
