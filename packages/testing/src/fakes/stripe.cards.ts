import { flat, formIn, textIn, type Form } from './stripe.form.ts';
import type { StripeBook, StripeCardProblem, StripeCardTemper, StripeIntent } from './stripe.model.ts';
import { bad, list, missing, seconds, stripeId, StripeRefusal } from './stripe.refusal.ts';

const problems: Partial<Record<StripeCardTemper, StripeCardProblem>> = {
  'has no money': {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  'wants its owner': {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  'has expired': { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
};

/** Customers, their saved cards, and payments that nobody is there for. */
export const createStripeCards = (book: StripeBook, tell: (type: string, about: object) => void) => {
  const customerOf = (id: string | undefined) => {
    const found = book.customers.get(id ?? '');
    return found && !found.deleted ? found : missing(`customer: '${id}'`);
  };

  const addCustomer = (form: Form) => {
    const made = {
      ...{ id: stripeId('cus'), object: 'customer' as const, metadata: flat(formIn(form, 'metadata')) },
    };
    book.customers.set(made.id, made);
    return made;
  };

  const detach = (id: string) => {
    const method = book.methods.get(id) ?? missing(`PaymentMethod: '${id}'`);
    if (method.customer === null)
      return bad('resource_invalid', 'The payment method you provided is not attached to a customer');
    method.customer = null;
    tell('payment_method.detached', method);
    return method;
  };

  const removeCustomer = (id: string) => {
    const customer = customerOf(id);
    customer.deleted = true;
    for (const method of book.methods.values()) if (method.customer === id) detach(method.id);
    tell('customer.deleted', customer);
    return { id, object: 'customer', deleted: true };
  };

  /** Charges a saved card; what goes wrong with it is an error that carries the intent. */
  const charge = (form: Form): StripeIntent => {
    const [customer, method] = [customerOf(textIn(form, 'customer')), textIn(form, 'payment_method') ?? ''];
    const amount = Number(textIn(form, 'amount'));
    const currency = textIn(form, 'currency') ?? bad('parameter_missing', 'Missing: currency');
    if (textIn(form, 'confirm') !== 'true' || textIn(form, 'off_session') !== 'true')
      return bad('parameter_invalid', 'Only payments that are confirmed off session are known here');
    if (!Number.isSafeInteger(amount) || amount < 50) return bad('amount_too_small', 'At least 0.50');
    if (book.methods.get(method)?.customer !== customer.id)
      return bad('resource_missing', `No such PaymentMethod: '${method}'; it is not of this customer`);
    const temper = book.tempers.get(method) ?? 'pays';
    const problem = problems[temper];
    const intent: StripeIntent = {
      ...{ id: stripeId('pi'), object: 'payment_intent', amount, currency, created: seconds() },
      ...{ customer: customer.id, payment_method: method, metadata: flat(formIn(form, 'metadata')) },
      status: problem ? 'requires_payment_method' : temper === 'pays slowly' ? 'processing' : 'succeeded',
      last_payment_error: problem ?? null,
    };
    book.intents.set(intent.id, intent);
    if (intent.status === 'processing') tell('payment_intent.processing', intent);
    else tell(`payment_intent.${problem ? 'payment_failed' : 'succeeded'}`, intent);
    if (problem)
      throw new StripeRefusal(402, problem.code, problem.message, {
        ...{ type: 'card_error', ...problem, payment_intent: structuredClone(intent) },
      });
    return intent;
  };

  const cancel = (id: string): StripeIntent => {
    const intent = book.intents.get(id) ?? missing(`payment_intent: '${id}'`);
    if (intent.status === 'succeeded' || intent.status === 'canceled')
      return bad('payment_intent_unexpected_state', `You cannot cancel it: it is ${intent.status}`);
    intent.status = 'canceled';
    tell('payment_intent.canceled', intent);
    return intent;
  };

  return {
    /** Of POST; undefined when the path is not about cards. */
    post(path: string, form: Form): object | undefined {
      const [, detached] = /^\/v1\/payment_methods\/(pm_\w+)\/detach$/.exec(path) ?? [];
      const [, cancelled] = /^\/v1\/payment_intents\/(pi_\w+)\/cancel$/.exec(path) ?? [];
      if (detached !== undefined) return detach(detached);
      if (cancelled !== undefined) return cancel(cancelled);
      if (path === '/v1/customers') return addCustomer(form);
      return path === '/v1/payment_intents' ? charge(form) : undefined;
    },
    remove(path: string): object {
      const [, customer] = /^\/v1\/customers\/(cus_\w+)$/.exec(path) ?? [];
      return customer === undefined ? missing(`route: DELETE ${path}`) : removeCustomer(customer);
    },
    /** Payments of a customer since a moment. */
    intentsOf: (query: URLSearchParams) =>
      list(
        [...book.intents.values()].filter(
          ({ customer, created }) =>
            customer === query.get('customer') && created >= Number(query.get('created[gte]') ?? 0),
        ),
      ),
  };
};
