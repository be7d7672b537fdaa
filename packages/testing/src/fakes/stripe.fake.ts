import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { drain, listen, portOf } from '@atrium/service-kit';
import { createStripeActor } from './stripe.actor.ts';
import { createStripeApi } from './stripe.api.ts';
import { readForm } from './stripe.form.ts';
import { emptyBook, type StripeFakeEvent } from './stripe.model.ts';
import { seconds, stripeId, StripeRefusal } from './stripe.refusal.ts';

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

/**
 * Refused or cut off before anything is done; `unheard`: done, and the answer is lost; `broken`: done, and answered with
 * a 500 that is kept for the Idempotency-Key, as Stripe keeps whatever it answered first.
 */
type Fault = 'none' | '500' | '409' | 'cut' | 'silent' | 'unheard' | 'broken';

/** What the next `times` requests meet. */
interface Trouble {
  fault: Fault;
  times: number;
  /** Only requests of this path; all when absent. */
  path?: string;
}

/**
 * Stripe's API over real HTTP, as far as Atrium speaks it, for the official SDK: forms with brackets, idempotency keys
 * that replay and refuse, refusals in Stripe's words, and events about everything that happens.
 */
export const startFakeStripe = async (secretKey = 'sk_test_only_in_tests', webhookSecret = 'whsec_only_in_tests') => {
  const book = emptyBook();
  const events: StripeFakeEvent[] = [];
  const keys = new Map<string, { request: string; status: number; body: string }>();
  const requests: { method: string; path: string; key: string | undefined; version: string | undefined }[] = [];
  const trouble: Trouble = { fault: 'none', times: 0 };

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
      if (method === 'DELETE') return [200, JSON.stringify(api.remove(path))];
      return [200, JSON.stringify(method === 'POST' ? api.post(path, readForm(text)) : api.get(path, query))];
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      return [error.status, JSON.stringify({ error: error.error })];
    }
  };

  const send = (res: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void => {
    res.writeHead(status, { 'content-type': 'application/json', 'request-id': stripeId('req'), ...headers }).end(body);
  };

  /** The fault that this request meets. */
  const meet = (path: string): Fault => {
    if (trouble.times <= 0 || (trouble.path ?? path) !== path) return 'none';
    trouble.times -= 1;
    return trouble.fault;
  };
  const apiError = JSON.stringify({ error: { type: 'api_error', message: 'Try again' } });

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://fake');
    const key = req.headers['idempotency-key'] as string | undefined;
    const method = req.method ?? 'GET';
    requests.push({ method, path: pathname, key, version: req.headers['stripe-version'] as string | undefined });
    const fault = meet(pathname);
    if (fault === 'cut') return void req.socket.destroy();
    if (fault === 'silent') return;
    if (fault === '500' || fault === '409') return send(res, Number(fault), apiError);
    if (req.headers.authorization !== `Bearer ${secretKey}`)
      return send(res, 401, JSON.stringify({ error: { type: 'invalid_request_error', message: 'Invalid API Key' } }));
    const known = key === undefined ? undefined : keys.get(key);
    const request = `${method} ${pathname} ${text}`;
    if (known && known.request !== request)
      return send(res, 400, JSON.stringify({ error: { type: 'idempotency_error', message: 'Key used before' } }));
    if (known) return send(res, known.status, known.body, { 'idempotent-replayed': 'true' });
    const done = answer(method, pathname, searchParams, text);
    const [status, body] = fault === 'broken' ? ([500, apiError] as const) : done;
    if (key !== undefined && method === 'POST') keys.set(key, { request, status, body });
    if (fault === 'unheard') return void req.socket.destroy();
    send(res, status, body);
  };

  const server = await listen((req, res) => void handle(req, res).catch(() => res.destroy()), '127.0.0.1', 0);
  const url = `http://127.0.0.1:${portOf(server)}`;

  return {
    url,
    book,
    events,
    requests,
    trouble,
    webhookSecret,
    /** Settings of a service that is to use the fake. */
    settings: { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRETS: webhookSecret, STRIPE_API_URL: url },
    ...createStripeActor(book, api, tell),
    deliver: (to: string, event: object, delivery?: Delivery): Promise<Response> =>
      deliverStripe(to, event, webhookSecret, delivery),
    close: () => drain(server, 100),
  };
};
export type FakeStripe = Awaited<ReturnType<typeof startFakeStripe>>;
