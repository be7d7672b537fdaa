import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createStripe } from './stripe.client.ts';

let server: Server;
let answer: RequestListener;
let asked: number;

beforeAll(async () => {
  server = createServer((req, res) => {
    asked += 1;
    answer(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => void (asked = 0));
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const says =
  (status: number, body: unknown): RequestListener =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json', 'stripe-should-retry': 'false' });
    res.end(JSON.stringify(body));
  };
const customer = says(200, { id: 'cus_1', object: 'customer' });
const broken = says(500, { error: { type: 'api_error', message: 'broken' } });
const refused = says(402, { error: { type: 'card_error', message: 'declined', code: 'card_declined' } });

const begin = () => {
  const clock = { now: 0 };
  const { port } = server.address() as AddressInfo;
  const stripe = createStripe({
    secretKey: 'sk_test_1',
    apiUrl: `http://127.0.0.1:${port}`,
    breaker: { failures: 3, openMs: 5_000 },
    now: () => clock.now,
  });
  const ask = (): Promise<string> =>
    stripe.customers.retrieve('cus_1').then(
      ({ id }) => id,
      (error: unknown) => (error instanceof Error && 'type' in error ? String(error.type) : 'unknown'),
    );
  return { clock, ask };
};

describe('Stripe', () => {
  it('is left alone after failures in a row, tried once an interval, and used again once it answers', async () => {
    const { clock, ask } = begin();
    answer = broken;
    for (let tries = 0; tries < 6; tries += 1) expect(await ask()).toBe('StripeAPIError');
    expect(asked).toBe(3);
    clock.now = 5_000;
    expect([await ask(), await ask()]).toEqual(['StripeAPIError', 'StripeAPIError']);
    expect(asked).toBe(4);
    clock.now = 10_000;
    answer = customer;
    expect([await ask(), await ask()]).toEqual(['cus_1', 'cus_1']);
    expect(asked).toBe(6);
  });

  it('is there when it refuses', async () => {
    const { ask } = begin();
    answer = refused;
    for (let tries = 0; tries < 6; tries += 1) expect(await ask()).toBe('StripeCardError');
    expect(asked).toBe(6);
  });

  it('is not there when connections end without an answer', async () => {
    const { ask } = begin();
    answer = (_req, res) => res.destroy();
    expect(await ask()).toBe('StripeConnectionError');
    // The client's own tries count, and the ones after the third are answered here.
    expect(asked).toBe(3);
    expect(await ask()).toBe('StripeAPIError');
    expect(asked).toBe(3);
  });
});
