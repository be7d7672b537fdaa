import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { drain, listen, portOf } from '@atrium/service-kit';
import { createStripeApi, stripeId, StripeRefusal } from './stripe.api.ts';
import { readForm } from './stripe.form.ts';
import type { StripeBook, StripeFakeEvent, StripeIntent, StripeSession } from './stripe.model.ts';

/** How a delivery differs from an honest one. */
export interface Delivery {
  /** Seconds that the signature is old; below zero: from the future. */
  readonly age?: number;
  readonly secret?: string;
  /** Changes the body after it was signed. */
  readonly tamper?: (body: string) => string;
}

/** Signs as Stripe does, scheme `v1`. @param at seconds */
export const signStripe = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;

/** Sends an event to an endpoint, once; the caller repeats, reorders and spoils. */
export const deliverStripe = (
  url: string,
  event: object,
  secret: string,
  { age = 0, secret: other = secret, tamper = (body) => body }: Delivery = {},
): Promise<Response> => {
  const body = JSON.stringify(event, null, 2);
  const signature = signStripe(body, other, Math.floor(Date.now() / 1000) - age);
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    body: tamper(body),
  });
};

type Fault = 'none' | '500' | '409' | 'cut' | 'silent';

/** What the next `times` requests meet. */
interface Trouble {
  fault: Fault;
  times: number;
}

/**
 * Stripe's API over real HTTP, as far as Atrium speaks it, for the official SDK: forms with brackets, idempotency keys
 * that replay and refuse, refusals in Stripe's words, and events about everything that happens.
 */
export const startFakeStripe = async (secretKey = 'sk_test_only_in_tests', webhookSecret = 'whsec_only_in_tests') => {
  const book: StripeBook = {
    ...{ sessions: new Map(), intents: new Map(), refunds: new Map() },
    ...{ disputes: new Map(), subscriptions: new Map(), invoices: new Map() },
  };
  const events: StripeFakeEvent[] = [];
  const keys = new Map<string, { request: string; status: number; body: string }>();
  const requests: { method: string; path: string; key: string | undefined; version: string | undefined }[] = [];
  const trouble: Trouble = { fault: 'none', times: 0 };
  const seconds = (): number => Math.floor(Date.now() / 1000);

  const tell = (type: string, about: object): StripeFakeEvent => {
    const event: StripeFakeEvent = {
      ...{ id: stripeId('evt'), object: 'event', type, created: seconds(), livemode: false },
      ...{ api_version: '2026-10-28.endive', data: { object: structuredClone(about) } },
    };
    events.push(event);
    return event;
  };
  const api = createStripeApi(book, () => url, tell);

  const answer = (method: string, path: string, query: URLSearchParams, text: string): [number, string] => {
    try {
      return [200, JSON.stringify(method === 'POST' ? api.post(path, readForm(text)) : api.get(path, query))];
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      const { status, code, message } = error;
      return [status, JSON.stringify({ error: { type: 'invalid_request_error', code, message } })];
    }
  };

  const send = (res: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void => {
    res.writeHead(status, { 'content-type': 'application/json', 'request-id': stripeId('req'), ...headers }).end(body);
  };

  const meet = (req: IncomingMessage, res: ServerResponse): boolean => {
    if (trouble.fault === 'none' || trouble.times <= 0) return false;
    trouble.times -= 1;
    if (trouble.fault === 'cut') req.socket.destroy();
    else if (trouble.fault !== 'silent')
      send(res, Number(trouble.fault), JSON.stringify({ error: { type: 'api_error', message: 'Try again' } }));
    return true;
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://fake');
    const key = req.headers['idempotency-key'] as string | undefined;
    const method = req.method ?? 'GET';
    requests.push({ method, path: pathname, key, version: req.headers['stripe-version'] as string | undefined });
    if (meet(req, res)) return;
    if (req.headers.authorization !== `Bearer ${secretKey}`)
      return send(res, 401, JSON.stringify({ error: { type: 'invalid_request_error', message: 'Invalid API Key' } }));
    const known = key === undefined ? undefined : keys.get(key);
    const request = `${method} ${pathname} ${text}`;
    if (known && known.request !== request)
      return send(res, 400, JSON.stringify({ error: { type: 'idempotency_error', message: 'Key used before' } }));
    if (known) return send(res, known.status, known.body, { 'idempotent-replayed': 'true' });
    const [status, body] = answer(method, pathname, searchParams, text);
    if (key !== undefined && method === 'POST') keys.set(key, { request, status, body });
    send(res, status, body);
  };

  const server = await listen((req, res) => void handle(req, res).catch(() => res.destroy()), '127.0.0.1', 0);
  const url = `http://127.0.0.1:${portOf(server)}`;

  const found = <Row>(rows: Map<string, Row>, id: string): Row => {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`the fake Stripe has no ${id}`);
    return row;
  };
  const intentFor = (amount: number, currency: string, metadata: Record<string, string>): StripeIntent => {
    const intent: StripeIntent = {
      ...{ id: stripeId('pi'), object: 'payment_intent', status: 'succeeded', amount, currency },
      ...{ last_payment_error: null, metadata },
    };
    book.intents.set(intent.id, intent);
    return intent;
  };

  return {
    url,
    book,
    events,
    requests,
    trouble,
    webhookSecret,
    /** Settings of a service that is to use the fake. */
    settings: { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRETS: webhookSecret, STRIPE_API_URL: url },
    sessionOf: (id: string): StripeSession => found(book.sessions, id),

    /** Somebody pays; a slow way of paying completes the session and settles later. */
    pay(sessionId: string, how: 'at-once' | 'slowly' = 'at-once'): string {
      const session = found(book.sessions, sessionId);
      const intent = intentFor(session.amount_total, session.currency, session.metadata);
      intent.status = how === 'slowly' ? 'processing' : 'succeeded';
      const paid = how === 'at-once' ? ('paid' as const) : ('unpaid' as const);
      Object.assign(session, { status: 'complete', payment_status: paid, payment_intent: intent.id, url: null });
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
    deliver: (to: string, event: object, delivery?: Delivery): Promise<Response> =>
      deliverStripe(to, event, webhookSecret, delivery),
    close: () => drain(server, 100),
  };
};
export type FakeStripe = Awaited<ReturnType<typeof startFakeStripe>>;
