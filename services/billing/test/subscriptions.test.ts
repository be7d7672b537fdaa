import { defineService, transactional, type Unit } from '@atrium/service-kit';
import { eventually, makeIdentity, startFakeStripe, startServiceUnderTest } from '@atrium/testing';
import type { FakeStripe, ServiceUnderTest } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeLedger } from '../src/books.compose.ts';
import { BillingConfig } from '../src/config.ts';
import { InvoiceEntity } from '../src/invoices/invoice.entity.ts';
import { AccountEntity, EntryEntity } from '../src/ledger/ledger.entity.ts';
import { ledgerRoutes } from '../src/ledger/ledger.routes.ts';
import { createLedgerReading } from '../src/ledger/ledger.reading.ts';
import { createLedgerStore } from '../src/ledger/ledger.store.ts';
import { createReconcileService } from '../src/ledger/reconcile.service.ts';
import { createReconcileStore } from '../src/ledger/reconcile.store.ts';
import { PaymentEntity } from '../src/payments/payment.entity.ts';
import { composePayments, paymentFeatureRoutes } from '../src/payments/payment.parts.ts';
import { DisputeEntity, RefundEntity } from '../src/payments/refunds/refund.entity.ts';
import { ProfileEntity } from '../src/profile/profile.entity.ts';
import { service as billing } from '../src/service.ts';
import { composeSpending } from '../src/spending.compose.ts';
import { createPaymentClient, type PaymentClient } from './fixtures/payment.client.ts';

const activated: { plan: string; source: string; days: number }[] = [];
const plans = {
  offer: async (plan: string) =>
    plan === 'pro' ? { name: 'Pro', price: 20_000_000n, interval: 'month' as const } : undefined,
  activate: async (plan: string, periodStart: Date, periodEnd: Date, source: string) => {
    activated.push({ plan, source, days: (periodEnd.getTime() - periodStart.getTime()) / 86_400_000 });
  },
};

/** Payments beside plans that only note what they are told. */
const withPlans = defineService({
  name: 'billing',
  schema: 'billing',
  config: BillingConfig,
  entities: [AccountEntity, EntryEntity, PaymentEntity, RefundEntity, DisputeEntity, InvoiceEntity, ProfileEntity],
  migrations: billing.migrations,
  compose: ({ config, runtime, log }) => {
    const now = () => new Date();
    const newId = () => crypto.randomUUID();
    const ledgerOf = composeLedger({ now, newId });
    const { topUpsOf } = composeSpending({ config, runtime, ledgerOf, now, newId, priced: () => undefined });
    const reading = ({ manager, tenant }: Unit) => createLedgerReading({ ledger: createLedgerStore(manager, tenant) });
    const reconciliation = ({ manager, tenant }: Unit) =>
      createReconcileService({ store: createReconcileStore(manager, tenant), further: () => Promise.resolve([]) });
    const payments = composePayments({ config, runtime, log, ledgerOf, plansOf: () => plans, topUpsOf, now });
    return {
      payments,
      reading: transactional(runtime, reading),
      reconciliation: transactional(runtime, reconciliation),
    };
  },
  routes: ({ payments, reading, reconciliation }) => [
    ...paymentFeatureRoutes(payments),
    ...ledgerRoutes(reading, reconciliation),
  ],
  subscribers: () =>
    [
      ...['auth.user.registered', 'auth.workspace.created', 'agent.run.completed', 'agent.run.failed'],
      'document.usage.measured',
    ].map((name) => ({
      type: `${name}.v1`,
      handle: async () => undefined,
    })),
  jobs: ({ payments }) => payments.jobs,
});

let stripe: FakeStripe;
let service: ServiceUnderTest;
let client: PaymentClient;
beforeAll(async () => {
  stripe = await startFakeStripe();
  service = await startServiceUnderTest(withPlans, {
    ...stripe.settings,
    TAXES: '[{"name":"VAT","rate":1000}]',
  });
  client = createPaymentClient(service);
});
afterAll(async () => {
  await service.close();
  await stripe.close();
});

const told = async (work: () => void): Promise<void> => {
  const mark = stripe.events.length;
  work();
  for (const event of [...stripe.events.slice(mark), ...stripe.events.slice(mark)])
    expect((await stripe.deliver(`${service.url}/api/v1/billing/webhooks/stripe`, event)).status).toBe(200);
  await client.idle();
};

describe('a plan that is paid by card', () => {
  it('starts and is renewed with each payment, once, and a refund goes back from its fees', async () => {
    const anna = makeIdentity();
    const { status, body } = await client.call(anna, 'post', 'subscription/checkout', { plan: 'pro' });
    expect([status, String(body['url']).startsWith(stripe.url)]).toEqual([200, true]);
    const [subscription] = stripe.book.subscriptions.keys();
    expect(stripe.book.subscriptions.get(subscription ?? '')?.amount).toBe(2_200);
    let intent = '';
    await told(() => (intent = stripe.payPeriod(subscription ?? '')));
    await told(() => stripe.payPeriod(subscription ?? ''));
    const listed = (await client.get(anna, 'payments')).body['data'] as { id: string; status: string; plan: string }[];
    expect(listed).toMatchObject([
      { kind: 'subscription', status: 'paid', plan: 'pro', amountCents: 2_000, totalCents: 2_200 },
      { kind: 'subscription', status: 'paid', plan: 'pro' },
    ]);
    expect(activated.map(({ plan, days }) => [plan, days])).toEqual([
      ['pro', 30],
      ['pro', 30],
    ]);
    expect(new Set(activated.map(({ source }) => source))).toEqual(new Set(listed.map(({ id }) => id)));
    expect(await client.books(anna)).toMatchObject({
      paid: -44_000_000,
      fees: 40_000_000,
      taxes: 4_000_000,
      wallet: 0,
    });
    await told(() => stripe.refund(intent, 1_100));
    expect(await client.books(anna)).toMatchObject({ paid: -33_000_000, fees: 30_000_000, taxes: 3_000_000, owed: 0 });
    const invoices = (await client.get(anna, 'invoices')).body['data'] as { kind: string; lines: unknown }[];
    expect(invoices.map(({ kind }) => kind)).toEqual(['credit_note', 'invoice', 'invoice']);
    expect(invoices[2]?.lines).toEqual([{ what: 'subscription', detail: 'pro', amountCents: 2_000 }]);
  });

  it('cannot be begun when nobody offers it', async () => {
    const answer = await client.call(makeIdentity(), 'post', 'subscription/checkout', { plan: 'gold' });
    expect([answer.status, answer.body['code']]).toEqual([404, 'plan.not_found']);
  });

  it('is not started by another amount than was asked for', async () => {
    const bruno = makeIdentity();
    await client.call(bruno, 'post', 'subscription/checkout', { plan: 'pro' });
    const subscription = [...stripe.book.subscriptions.values()].find(
      ({ metadata }) => metadata['workspaceId'] === bruno.workspaceId,
    );
    if (subscription) subscription.amount = 100;
    const before = activated.length;
    await told(() => stripe.payPeriod(subscription?.id ?? ''));
    await eventually(async () => {
      const [one] = (await client.get(bruno, 'payments')).body['data'] as { status: string }[];
      return one?.status === 'review';
    });
    expect(activated).toHaveLength(before);
  });
});
