import { createStripeCards } from './stripe.cards.ts';
import { flat, formIn, textIn, type Form } from './stripe.form.ts';
import type { StripeBook, StripeIntent, StripeSession } from './stripe.model.ts';
import { bad, list, missing, seconds, stripeId } from './stripe.refusal.ts';

/** What is left of a payment: refunds that did not fail and disputes that were not won are gone. */
const leftOf = (book: StripeBook, intent: StripeIntent): number =>
  [...book.refunds.values()]
    .filter((refund) => refund.payment_intent === intent.id && refund.status !== 'failed')
    .reduce((left, { amount }) => left - amount, intent.amount);

/** The part of Stripe's API that Atrium uses; each route gets the form and the query, and gives an object. */
export const createStripeApi = (
  book: StripeBook,
  origin: () => string,
  tell: (type: string, about: object) => void,
) => {
  const cards = createStripeCards(book, tell);
  const session = (id: string): StripeSession => book.sessions.get(id) ?? missing(`checkout.session: '${id}'`);

  const blankSession = (form: Form): Omit<StripeSession, 'mode' | 'currency'> => {
    const id = stripeId('cs_test');
    return {
      ...{ id, object: 'checkout.session', status: 'open', payment_status: 'unpaid', amount_total: null },
      ...{ url: `${origin()}/pay/${id}`, customer: textIn(form, 'customer') ?? null, created: seconds() },
      ...{ client_reference_id: textIn(form, 'client_reference_id') ?? null, payment_intent: null, subscription: null },
      ...{ setup_intent: null, metadata: flat(formIn(form, 'metadata')) },
    };
  };

  /** Where somebody has a card saved for later. */
  const createSetup = (form: Form): StripeSession => {
    const currency = textIn(form, 'currency') ?? bad('parameter_missing', 'Missing: currency');
    if (textIn(form, 'success_url') === undefined) return bad('parameter_missing', 'Missing: success_url');
    const made: StripeSession = { ...blankSession(form), mode: 'setup', currency };
    made.payment_status = 'no_payment_required';
    book.sessions.set(made.id, made);
    return made;
  };

  const createSession = (form: Form): StripeSession => {
    if (textIn(form, 'mode') === 'setup') return createSetup(form);
    const lines = Object.values(formIn(form, 'line_items')).map((line) => (typeof line === 'object' ? line : {}));
    const prices = lines.map((line) => formIn(line, 'price_data'));
    const currencies = new Set(prices.map((price) => textIn(price, 'currency')));
    const [currency] = currencies;
    const mode = textIn(form, 'mode');
    if (mode !== 'payment' && mode !== 'subscription') return bad('parameter_missing', 'Missing: mode');
    if (currency === undefined || currencies.size !== 1) return bad('parameter_invalid', 'One currency for all lines');
    if (textIn(form, 'success_url') === undefined) return bad('parameter_missing', 'Missing: success_url');
    const amount = prices.reduce(
      (sum, price, at) => sum + Number(textIn(price, 'unit_amount')) * Number(textIn(lines[at] ?? {}, 'quantity') ?? 1),
      0,
    );
    if (!Number.isSafeInteger(amount) || amount < 50) return bad('amount_too_small', 'At least 0.50');
    if (amount > 99_999_999) return bad('amount_too_large', 'At most 999,999.99');
    const made: StripeSession = { ...blankSession(form), mode, currency, amount_total: amount };
    book.sessions.set(made.id, made);
    if (mode === 'subscription') {
      const subscription = stripeId('sub');
      made.subscription = subscription;
      book.subscriptions.set(subscription, {
        ...{ id: subscription, object: 'subscription', amount, currency, customer: made.customer, periodEnd: 0 },
        metadata: flat(formIn(formIn(form, 'subscription_data'), 'metadata')),
      });
    }
    return made;
  };

  const expire = (id: string): StripeSession => {
    const known = session(id);
    if (known.status !== 'open') return bad('resource_invalid', 'Only open sessions can be expired');
    Object.assign(known, { status: 'expired', url: null });
    tell('checkout.session.expired', known);
    return known;
  };

  const refund = (form: Form) => {
    const intent = book.intents.get(textIn(form, 'payment_intent') ?? '') ?? missing('payment_intent');
    const amount = Number(textIn(form, 'amount') ?? leftOf(book, intent));
    const disputed = [...book.disputes.values()].some(
      ({ payment_intent, status }) => payment_intent === intent.id && status === 'needs_response',
    );
    if (disputed) return bad('charge_disputed', 'The charge is disputed');
    if (intent.status !== 'succeeded') return bad('charge_not_refundable', 'There is nothing to refund');
    if (!Number.isInteger(amount) || amount <= 0) return bad('parameter_invalid_integer', 'Invalid amount');
    if (amount > leftOf(book, intent)) return bad('charge_already_refunded', 'More than is left');
    const made = {
      ...{
        id: stripeId('re'),
        object: 'refund' as const,
        payment_intent: intent.id,
        amount,
        currency: intent.currency,
      },
      ...{ status: 'succeeded' as const, metadata: flat(formIn(form, 'metadata')) },
    };
    book.refunds.set(made.id, made);
    tell('refund.created', made);
    tell('charge.refunded', { id: stripeId('ch'), object: 'charge', payment_intent: intent.id });
    return made;
  };

  const about = <Row extends { payment_intent: string }>(rows: Map<string, Row>, query: URLSearchParams): Row[] =>
    [...rows.values()].filter(({ payment_intent }) => payment_intent === query.get('payment_intent'));

  const withIntent = (id: string): object => {
    const known = session(id);
    const setup = book.setups.get(known.setup_intent ?? '');
    return {
      ...known,
      payment_intent: book.intents.get(known.payment_intent ?? '') ?? null,
      setup_intent: setup ? { ...setup, payment_method: book.methods.get(setup.payment_method) } : null,
    };
  };

  const get = (path: string, query: URLSearchParams): object => {
    const [, noun, id = ''] = /^\/v1\/([\w/]+?)(?:\/((?:cs_test|in|re|pi|du)_\w+))?$/.exec(path) ?? [];
    if (noun === 'checkout/sessions' && id) return withIntent(id);
    if (noun === 'checkout/sessions') {
      const intent = query.get('payment_intent');
      return list([...book.sessions.values()].filter(({ payment_intent }) => payment_intent === intent));
    }
    if (noun === 'refunds') return list(about(book.refunds, query));
    if (noun === 'disputes') return list(about(book.disputes, query));
    if (noun === 'invoices' && id) return book.invoices.get(id) ?? missing('invoice');
    if (noun === 'payment_intents' && id) return book.intents.get(id) ?? missing('payment_intent');
    if (noun === 'payment_intents') return cards.intentsOf(query);
    if (noun !== 'invoice_payments') return missing(`route: GET ${path}`);
    const intent = query.get('payment[payment_intent]');
    const paid = [...book.invoices.values()].filter(({ payments }) =>
      payments.data.some(({ payment }) => payment.payment_intent === intent),
    );
    return list(paid.map(({ id: invoice }) => ({ id: stripeId('inpay'), object: 'invoice_payment', invoice })));
  };

  const post = (path: string, form: Form): object => {
    const [, expiring] = /^\/v1\/checkout\/sessions\/(cs_test_\w+)\/expire$/.exec(path) ?? [];
    if (expiring !== undefined) return expire(expiring);
    if (path === '/v1/checkout/sessions') return createSession(form);
    if (path === '/v1/refunds') return refund(form);
    if (path === '/v1/billing_portal/sessions')
      return { id: stripeId('bps'), object: 'billing_portal.session', url: `${origin()}/portal` };
    return cards.post(path, form) ?? missing(`route: POST ${path}`);
  };

  return { get, post, remove: cards.remove, expire };
};
