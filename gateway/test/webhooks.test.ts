import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

let hall: GatewayUnderTest;
afterEach(() => hall.close());

const PATH = '/api/v1/billing/webhooks/stripe';
const deliver = (body: string, path = PATH) =>
  fetch(`${hall.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': 't=1,v1=ab' },
    body,
  });

describe("Stripe's deliveries", () => {
  it('reach billing without a token, with their signature and every byte of their body', async () => {
    hall = await startGateway();
    let got = '';
    hall.upstreams.billing.handle = (req, res) => {
      req.setEncoding('utf8').on('data', (text: string) => (got += text));
      req.on('end', () => res.end(JSON.stringify({ received: true })));
    };
    const body = '{\n  "id": "evt_1",  "odd":\t"spaces, é, \\u00e9, 1.0, 1e3"\r\n}';
    expect((await deliver(body)).status).toBe(200);
    expect(got).toBe(body);
    expect(hall.upstreams.billing.seen.at(-1)?.headers).toMatchObject({ 'stripe-signature': 't=1,v1=ab' });
  });

  it('have a limit of their own, and open nothing beside them', async () => {
    hall = await startGateway({ RATE_LIMIT_WEBHOOK: '2', RATE_LIMIT_ANONYMOUS: '100' });
    expect((await deliver('{}')).headers.get('ratelimit-policy')).toMatch(/^"webhook";q=2/);
    await deliver('{}');
    const over = await deliver('{}');
    expect([over.status, await codeOf(over)]).toEqual([429, 'request.rate_limited']);
    for (const path of ['/api/v1/billing/webhooks', `${PATH}/x`, '/api/v1/billing/payments'])
      expect((await deliver('{}', path)).status).toBe(401);
    expect((await fetch(`${hall.url}${PATH}`)).status).toBe(401);
  });
});
