import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { liveSeason, runStripeStorm, signStripe, startServiceUnderTest } from '@atrium/testing';
import type { StripeFakeEvent, TestIdentity } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { usePayments } from './fixtures/payment.fixture.ts';

const stage = usePayments({ STRIPE_WEBHOOK_SECRETS: 'whsec_next, whsec_only_in_tests' });
const { stripe, service, people: billingClient, payments: client, hook } = stage;

const count = async (sql: string): Promise<number> => {
  const [row]: { count: string }[] = await service.database.query(`select count(*) as count from ${sql}`);
  return Number(row?.count);
};
const post = async (body: string, header?: string) => {
  const answer = await fetch(hook(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(header === undefined ? {} : { 'stripe-signature': header }) },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const now = (): number => Math.floor(Date.now() / 1000);
const event = (type: string, object: object = {}) => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  type,
  data: { object },
});
const signed = (body: string, { secret = stripe.webhookSecret, age = 0 } = {}) =>
  post(body, signStripe(body, secret, now() - age));

describe('a delivery', () => {
  it('is acknowledged whatever its type, and kept once', async () => {
    const unknown = event('customer.tax_id.created', { id: 'txi_1' });
    for (const _ of [1, 2])
      expect(await signed(JSON.stringify(unknown))).toEqual({ status: 200, body: { received: true } });
    expect(await count(`billing.stripe_events where id = '${unknown.id}' and status = 'ignored'`)).toBe(1);
  });

  it('may be signed with any of the secrets', async () => {
    expect((await signed(JSON.stringify(event('ping')), { secret: 'whsec_next' })).status).toBe(200);
  });

  it.each<[string, () => Promise<{ status: number; body: Record<string, unknown> }>, string]>([
    ['is not signed', () => post(JSON.stringify(event('invoice.paid'))), 'webhook.bad_signature'],
    [
      'is signed by somebody else',
      () => signed(JSON.stringify(event('ping')), { secret: 'whsec_x' }),
      'webhook.bad_signature',
    ],
    ['is too old', () => signed(JSON.stringify(event('ping')), { age: 302 }), 'webhook.stale'],
    ['is from the future', () => signed(JSON.stringify(event('ping')), { age: -310 }), 'webhook.stale'],
    ['is no JSON', () => signed('{"id":'), 'webhook.malformed'],
    ['is no event', () => signed('{"id":"evt_1"}'), 'webhook.malformed'],
    [
      'has an id that is none',
      () => signed(JSON.stringify({ ...event('ping'), id: "evt_1'; drop" })),
      'webhook.malformed',
    ],
  ])('is refused when it %s, and nothing is kept', async (_name, send, code) => {
    const before = await count('billing.stripe_events');
    const answer = await send();
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
    expect(await count('billing.stripe_events')).toBe(before);
  });

  it('is refused when a byte was changed after it was signed', async () => {
    const body = JSON.stringify(event('checkout.session.completed', { id: 'cs_test_1' }));
    const answer = await post(body.replace('cs_test_1', 'cs_test_2'), signStripe(body, stripe.webhookSecret, now()));
    expect(answer.body['code']).toBe('webhook.bad_signature');
  });

  it('is refused when it is larger than any event', async () => {
    const answer = await signed(JSON.stringify(event('ping', { id: 'x'.repeat(1_100_000) })));
    expect(answer.status).toBe(413);
  });

  it('about something that was not made here is ignored', async () => {
    stripe.book.sessions.set('cs_test_foreign', {
      ...{ id: 'cs_test_foreign', object: 'checkout.session', mode: 'payment', status: 'complete' },
      ...{ payment_status: 'paid', amount_total: 5_000, currency: 'usd', url: null, customer: null },
      ...{
        client_reference_id: null,
        payment_intent: null,
        subscription: null,
        setup_intent: null,
        created: 0,
        metadata: {},
      },
    });
    const foreign = event('checkout.session.completed', { id: 'cs_test_foreign' });
    expect((await signed(JSON.stringify(foreign))).status).toBe(200);
    await client.idle();
    expect(await count(`billing.stripe_events where id = '${foreign.id}' and status = 'ignored'`)).toBe(1);
  });

  it('about something that Stripe does not know is noted as failed', async () => {
    const lost = event('checkout.session.completed', { id: 'cs_test_lost' });
    expect((await signed(JSON.stringify(lost))).status).toBe(200);
    await client.idle();
    expect(
      await count(
        `billing.stripe_events where id = '${lost.id}' and status = 'failed' and note like 'Stripe refused%'`,
      ),
    ).toBe(1);
  });

  it('does not believe what it says, only what Stripe says when asked', async () => {
    const anna = await billingClient.customer();
    const { body } = await client.topUp(anna, 1_000);
    const [session] = [...stripe.book.sessions.values()].filter(({ metadata }) => metadata['paymentId'] === body['id']);
    const lie = event('checkout.session.completed', { ...session, payment_status: 'paid', status: 'complete' });
    expect((await signed(JSON.stringify(lie))).status).toBe(200);
    await client.idle();
    expect((await client.payment(anna, String(body['id']))).status).toBe('pending');
  });

  it('is worked off later when Stripe does not answer at first', async () => {
    const anna = await billingClient.customer();
    const id = String((await client.topUp(anna, 1_000)).body['id']);
    const [session] = [...stripe.book.sessions.values()].filter(({ metadata }) => metadata['paymentId'] === id);
    const mark = stripe.events.length;
    stripe.pay(session?.id ?? '');
    Object.assign(stripe.trouble, { fault: 'cut', times: 5 });
    for (const told of stripe.events.slice(mark)) await stripe.deliver(hook(), told);
    await client.until(anna, id, ({ status }) => status === 'paid');
  });
});

/** The long form is 10 000 deliveries. */
const PAYMENTS = Number(process.env['STORM_PAYMENTS'] ?? 260);

describe('a storm of deliveries', () => {
  it('has the effects of its distinct events, and none of the spoiled ones', async () => {
    const people: TestIdentity[] = [];
    for (let at = 0; at < 7; at += 1) people.push(await billingClient.customer());
    const whose = (at: number): TestIdentity => people[at % people.length] as TestIdentity;
    const mark = stripe.events.length;
    const ids: string[] = [];
    for (let at = 0; at < PAYMENTS; at += 1) ids.push(String((await client.topUp(whose(at), 1_000)).body['id']));
    const sessions = new Map([...stripe.book.sessions.values()].map((one) => [one.metadata['paymentId'], one.id]));
    const begun = ids.map((id, at) => ({ owner: whose(at).workspaceId, sessionId: sessions.get(id) ?? '' }));
    const season = liveSeason(stripe, begun, 1_000);
    const events: readonly StripeFakeEvent[] = stripe.events.slice(mark);
    const seed = 20_261_121;
    const report = await runStripeStorm({ url: hook(), secret: stripe.webhookSecret, events, seed });
    expect(report).toMatchObject({ distinct: events.length, refused: 0, badAccepted: 0, staleAccepted: 0 });
    expect(report.deliveries).toBeGreaterThan(events.length * 1.3);
    expect(report.bad > 0 && report.stale > 0).toBe(true);
    await client.idle();

    const mine = people.map(({ workspaceId }) => `'${workspaceId}'`).join(',');
    const listed = events.map(({ id }) => `'${id}'`).join(',');
    expect(await count(`billing.stripe_events where id in (${listed}) and status = 'applied'`)).toBe(events.length);
    expect(await count(`billing.stripe_events where id like '%xbad' or id like '%xstale'`)).toBe(0);
    const booked = (kind: string) => count(`billing.entries where kind = '${kind}' and workspace_id in (${mine})`);
    expect([await booked('topup'), await booked('refund')]).toEqual([season.paid, season.refunds]);
    expect([await booked('dispute'), await booked('dispute_reversal')]).toEqual([season.disputes, season.won]);
    for (const person of people) {
      const { wallet = 0, owed = 0, paid: source = 0 } = await client.books(person);
      expect(wallet + owed).toBe((season.credit.get(person.workspaceId) ?? 0) * 10_000);
      expect(wallet + owed + source).toBe(0);
      const numbers: { number: string }[] = await service.database.query(
        `select number from billing.invoices where workspace_id = $1 order by number`,
        [person.workspaceId],
      );
      expect(numbers.map(({ number }) => Number(number))).toEqual(numbers.map((_row, at) => at + 1));
    }
  }, 600_000);
});

describe('without a secret', () => {
  it('deliveries are put off, so that Stripe sends them again', async () => {
    const bare = await startServiceUnderTest(billing);
    try {
      const answer = await fetch(`${bare.url}/api/v1/billing/webhooks/stripe`, { method: 'POST', body: '{}' });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        503,
        'webhook.not_configured',
      ]);
    } finally {
      await bare.close();
    }
  });
});
