import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';
import { createPaymentClient, type PaymentClient } from './fixtures/payment.client.ts';

let service: ServiceUnderTest;
let client: PaymentClient;
let anna: TestIdentity;
let paymentId: string;
let pendingId: string;
beforeAll(async () => {
  service = await startServiceUnderTest(billing, { WELCOME_CREDIT: '1000000', CURRENCIES: 'EUR=1.10' });
  client = createPaymentClient(service);
  anna = await createBillingClient(service).customer();
  paymentId = String((await client.manual(anna, 1_000, 'first')).body['id']);
  pendingId = randomUUID();
  await service.database.query(
    `insert into billing.payments (id, workspace_id, kind, provider, status, currency, rate, price, tax, total, taxes,
       session_id, created_at, updated_at)
     values ($1, $2, 'topup', 'stripe', 'pending', 'USD', 10000, 1000, 0, 1000, '[]', 'cs_test_none', now(), now())`,
    [pendingId, anna.workspaceId],
  );
});
afterAll(() => service.close());

/** Everything that money input could change. */
const state = async (): Promise<unknown> => ({
  books: await client.books(anna),
  transactions: (await client.get(anna, 'transactions?limit=100')).body,
  payments: (await client.get(anna, 'payments?limit=100')).body,
  invoices: (await client.get(anna, 'invoices?limit=100')).body,
});

const amounts: [string, string][] = [
  ['negative', '-1000'],
  ['zero', '0'],
  ['negative zero', '-0'],
  ['below the least', '499'],
  ['above the most', '1000001'],
  ['a whole number too large for a double', '9007199254740993'],
  ['huge', '1e15'],
  ['infinite', '1e309'],
  ['minus infinite', '-1e309'],
  ['fractional', '1000.5'],
  ['tiny', '1e-9'],
  ['text', '"1000"'],
  ['text in scientific form', '"1e3"'],
  ['NaN as text', '"NaN"'],
  ['NaN', 'NaN'],
  ['null', 'null'],
  ['true', 'true'],
  ['a list', '[1000]'],
  ['an object', '{"$gt":0}'],
  ['hexadecimal', '0x10'],
];

describe.each<[string, (amount: string) => [string, string]]>([
  ['a top-up by hand', (amount) => ['topups/manual', `{"amountCents":${amount},"reason":"r","reference":"bad"}`]],
  ['a top-up by card', (amount) => ['topups', `{"amountCents":${amount}}`]],
  ['a refund', (amount) => [`payments/${paymentId}/refunds`, `{"amountCents":${amount},"reason":"r"}`]],
])('%s', (name, request) => {
  const cases = amounts.filter(([what]) => !(name === 'a refund' && what === 'below the least'));
  it.each(cases)('is refused for an amount that is %s, and nothing changes', async (what, amount) => {
    const before = await state();
    const [path, body] = request(amount);
    const answer = await client.call(anna, 'post', path, body);
    // Without Stripe a card cannot be used at all; what is not a possible amount is told apart even then.
    const possible = name === 'a top-up by card' && ['below the least', 'above the most'].includes(what);
    expect(possible ? [409] : [400, 422]).toContain(answer.status);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.body['code']).toMatch(/^(request|payment|refund)\./);
    expect(await state()).toEqual(before);
  });
});

describe('other money that is not right', () => {
  const manual = { amountCents: 1_000, reason: 'r', reference: 'other' };
  it.each<[string, string, () => object, number, string]>([
    [
      'another currency than the workspace pays in',
      'topups/manual',
      () => ({ ...manual, currency: 'EUR' }),
      422,
      'payment.currency_mismatch',
    ],
    [
      'a currency that nobody takes',
      'topups/manual',
      () => ({ ...manual, currency: 'XAU' }),
      422,
      'payment.currency_mismatch',
    ],
    ['a currency in small letters', 'topups/manual', () => ({ ...manual, currency: 'usd' }), 422, 'request.invalid'],
    ['a field that nobody knows', 'topups/manual', () => ({ ...manual, amount: 5 }), 422, 'request.invalid'],
    ['no reason', 'topups/manual', () => ({ ...manual, reason: ' ' }), 422, 'request.invalid'],
    [
      'a reference that was used for another amount',
      'topups/manual',
      () => ({ ...manual, reference: 'first', amountCents: 2_000 }),
      409,
      'payment.reference_used',
    ],
    ['more back than was paid', `refund`, () => ({ amountCents: 1_001, reason: 'r' }), 422, 'refund.too_much'],
  ])('is refused: %s', async (_name, path, body, status, code) => {
    const before = await state();
    const to = path === 'refund' ? `payments/${paymentId}/refunds` : path;
    const answer = await client.call(anna, 'post', to, body());
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(await state()).toEqual(before);
  });

  it.each<[string, () => string, number, string]>([
    ['a refund of what was never paid', () => pendingId, 409, 'payment.not_paid'],
    ['a refund of a payment that does not exist', () => randomUUID(), 404, 'payment.not_found'],
  ])('is refused: %s', async (_name, id, status, code) => {
    const before = await state();
    const answer = await client.refund(anna, id(), 100);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(await state()).toEqual(before);
  });

  it('is refused: cancelling what was captured', async () => {
    const before = await state();
    const answer = await client.call(anna, 'post', `payments/${paymentId}/cancel`);
    expect([answer.status, answer.body['code']]).toEqual([409, 'payment.settled']);
    expect(await state()).toEqual(before);
  });

  it("is refused: refunding, reading and cancelling another workspace's payment", async () => {
    const bruno = makeIdentity();
    expect((await client.refund(bruno, paymentId)).body['code']).toBe('payment.not_found');
    expect((await client.get(bruno, `payments/${paymentId}`)).status).toBe(404);
    expect((await client.call(bruno, 'post', `payments/${paymentId}/cancel`)).status).toBe(404);
  });

  it.each(['viewer', 'member'] as const)('is refused: money that a %s moves', async (role) => {
    const somebody = { ...anna, role };
    const before = await state();
    expect((await client.manual(somebody, 1_000, 'role')).status).toBe(403);
    expect((await client.refund(somebody, paymentId)).status).toBe(403);
    expect((await client.topUp(somebody, 1_000)).status).toBe(403);
    expect((await client.call(somebody, 'put', 'profile', { name: 'x' })).status).toBe(403);
    expect(await state()).toEqual(before);
  });

  it('is refused: the same refund twice', async () => {
    const key = randomUUID();
    const ask = () =>
      client.call(anna, 'post', `payments/${paymentId}/refunds`, { amountCents: 400, reason: 'r' }, key);
    const first = await ask();
    expect(first.status).toBe(201);
    expect((await ask()).body).toEqual(first.body);
    expect((await client.refund(anna, paymentId)).status).toBe(201);
    const again = await client.refund(anna, paymentId);
    expect([again.status, again.body['code']]).toEqual([409, 'refund.nothing_left']);
    expect(await client.books(anna)).toMatchObject({ wallet: 1_000_000, paid: 0, owed: 0 });
  });
});

describe('without Stripe', () => {
  it('the data for the front end says that administrators enter payments', async () => {
    expect((await client.get(anna, 'payment-methods')).body).toEqual({
      payments: 'manual',
      manualTopUps: true,
      automaticTopUps: false,
      card: null,
      currency: 'USD',
      currencies: ['USD', 'EUR'],
      leastCents: 500,
      mostCents: 1_000_000,
    });
    const answer = await client.topUp(anna, 1_000);
    expect([answer.status, answer.body['code']]).toEqual([409, 'payment.manual_only']);
    const card = await client.call(anna, 'post', 'payment-methods');
    expect([card.status, card.body['code']]).toEqual([409, 'payment.manual_only']);
    expect((await client.call(anna, 'delete', 'payment-methods')).status).toBe(204);
  });

  it('a reference is booked once, also when many enter it at once', async () => {
    const bruno = await createBillingClient(service).customer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.manual(bruno, 700, 'ref-1')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await client.books(bruno)).toMatchObject({ wallet: 8_000_000, paid: -7_000_000 });
  });
});
