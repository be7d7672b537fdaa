import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startFakeStripe, startServiceUnderTest, type FakeStripe, type ServiceUnderTest } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';
import { createPaymentClient } from './fixtures/payment.client.ts';
import { createSpendingClient } from './fixtures/spending.client.ts';

let stripe: FakeStripe;
let service: ServiceUnderTest;
beforeAll(async () => {
  stripe = await startFakeStripe();
  service = await startServiceUnderTest(billing, stripe.settings);
});
afterAll(async () => {
  await service.close();
  await stripe.close();
});

it('a plan begins with its payment by card and with nothing else, and grants its allowance once', async () => {
  const payments = createPaymentClient(service);
  const spending = createSpendingClient(service);
  const anna = await createBillingClient(service).customer();
  const byHand = await spending.send(anna, 'PUT', 'subscription', { plan: 'pro', when: 'now' });
  expect([byHand.status, byHand.body['code']]).toEqual([402, 'subscription.payment_required']);

  expect((await payments.call(anna, 'post', 'subscription/checkout', { plan: 'pro' })).status).toBe(200);
  const [subscription = ''] = stripe.book.subscriptions.keys();
  const offered = (await spending.data(anna, 'plans')).find(({ id }) => id === 'pro');
  expect(stripe.book.subscriptions.get(subscription)?.amount).toBe(Number(offered?.['price']) / 10_000);
  stripe.payPeriod(subscription);
  for (const event of [...stripe.events, ...stripe.events])
    expect((await stripe.deliver(`${service.url}/api/v1/billing/webhooks/stripe`, event)).status).toBe(200);
  await payments.idle();

  expect((await spending.send(anna, 'GET', 'subscription')).body).toMatchObject({ plan: 'pro' });
  const allowances = (await spending.data(anna, 'credits')).filter(({ kind }) => kind === 'allowance');
  expect(allowances).toMatchObject([{ amount: offered?.['allowance'], remaining: offered?.['allowance'] }]);
  expect(await payments.books(anna)).toMatchObject({
    wallet: 5_000_000 + Number(offered?.['allowance']),
    fees: Number(offered?.['price']),
    paid: -Number(offered?.['price']),
    spent: 0,
  });
  expect((await payments.get(anna, 'reconcile')).body['reconciled']).toBe(true);
});
