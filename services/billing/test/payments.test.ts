import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeIdentity } from '@atrium/testing';
import type { TestIdentity } from '@atrium/testing';
import { usePayments } from './fixtures/payment.fixture.ts';

const stage = usePayments({ MANUAL_TOPUPS: 'always', CURRENCIES: 'EUR=1.10' });
const { stripe, service, people: billingClient, payments: client, deliverSince, told } = stage;

/** Somebody with a top-up that Stripe knows of. */
const begun = async (amountCents = 2_000): Promise<{ anna: TestIdentity; id: string; session: string }> => {
  const anna = await billingClient.customer();
  const { status, body } = await client.topUp(anna, amountCents);
  expect(status).toBe(201);
  const [row]: { session_id: string }[] = await service.database.query(
    `select session_id from billing.payments where id = $1`,
    [body['id']],
  );
  return { anna, id: String(body['id']), session: row?.session_id ?? '' };
};
const paid = async (amountCents = 2_000) => {
  const { anna, id, session } = await begun(amountCents);
  let intent = '';
  await told(() => (intent = stripe.pay(session)));
  return { anna, id, intent };
};

describe('a top-up by card', () => {
  it('begins with a page to pay on and ends with money in the wallet and an invoice, once', async () => {
    const { anna, id, session } = await begun();
    expect(await client.payment(anna, id)).toMatchObject({ status: 'pending', totalCents: 2_000, refundableCents: 0 });
    expect((await client.get(anna, `payments/${id}`)).body['checkoutUrl']).toBe(`${stripe.url}/pay/${session}`);
    const mark = stripe.events.length;
    stripe.pay(session);
    await deliverSince(mark);
    await deliverSince(mark);
    await client.until(anna, id, ({ status }) => status === 'paid');
    await client.idle();
    expect(await client.books(anna)).toMatchObject({ paid: -20_000_000, wallet: 20_000_000, owed: 0 });
    const { body } = await client.get(anna, 'invoices');
    expect(body['data']).toMatchObject([{ number: 1, kind: 'invoice', paymentId: id, totalCents: 2_000 }]);
    const transactions = (await client.get(anna, 'transactions')).body['data'];
    expect(transactions).toMatchObject([{ kind: 'topup', reference: id }]);
  });

  it('is begun once for an Idempotency-Key, also at Stripe', async () => {
    const anna = await billingClient.customer();
    const key = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => client.topUp(anna, 1_500, key)));
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const again = await client.topUp(anna, 1_500, key);
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
    const other = await client.topUp(anna, 1_600, key);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency.mismatch']);
    expect((await client.get(anna, 'payments')).body['data']).toHaveLength(1);
    const own = [...stripe.book.sessions.values()].filter(
      ({ metadata }) => metadata['workspaceId'] === anna.workspaceId,
    );
    expect(own).toHaveLength(1);
  });

  it('speaks the version that the SDK pins, with a key for every POST', () => {
    expect(stripe.requests.length).toBeGreaterThan(0);
    expect(new Set(stripe.requests.map(({ version }) => version))).toEqual(new Set(['2026-10-28.endive']));
    expect(stripe.requests.filter(({ method, key }) => method === 'POST' && key === undefined)).toEqual([]);
  });

  it('waits for a slow bank, and is nothing when it says no', async () => {
    const { anna, id, session } = await begun();
    await told(() => stripe.pay(session, 'slowly'));
    expect((await client.payment(anna, id)).status).toBe('processing');
    await told(() => stripe.settle(session, false));
    expect(await client.payment(anna, id)).toMatchObject({
      status: 'failed',
      failure: 'The account has not enough money.',
    });
    expect((await client.books(anna))['wallet']).toBe(0);
  });

  it('expires unpaid', async () => {
    const { anna, id, session } = await begun();
    await told(() => stripe.expire(session));
    expect((await client.payment(anna, id)).status).toBe('expired');
  });

  it('is closed at Stripe when it is cancelled, and cannot be cancelled once it is paid', async () => {
    const { anna, id, session } = await begun();
    expect((await client.call(anna, 'post', `payments/${id}/cancel`)).body['status']).toBe('cancelled');
    await client.idle();
    expect(stripe.sessionOf(session).status).toBe('expired');
    const other = await paid();
    const refused = await client.call(other.anna, 'post', `payments/${other.id}/cancel`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'payment.settled']);
    expect((await client.books(other.anna))['wallet']).toBe(20_000_000);
  });

  it('counts although it was cancelled, when somebody paid all the same', async () => {
    const { anna, id, session } = await begun();
    const mark = stripe.events.length;
    stripe.pay(session);
    expect((await client.call(anna, 'post', `payments/${id}/cancel`)).status).toBe(200);
    await deliverSince(mark);
    await client.until(anna, id, ({ status }) => status === 'paid');
    expect((await client.books(anna))['wallet']).toBe(20_000_000);
  });

  it('is not credited when another amount or currency arrives', async () => {
    for (const change of [{ amount_total: 1 }, { amount_total: 200_000 }, { currency: 'eur' }]) {
      const { anna, id, session } = await begun();
      await told(() => {
        Object.assign(stripe.sessionOf(session), change);
        stripe.pay(session);
      });
      expect((await client.payment(anna, id)).status).toBe('review');
      expect((await client.books(anna))['wallet']).toBe(0);
    }
  });

  it.each(['500', '409', 'cut'] as const)('is begun in spite of one %s of Stripe', async (fault) => {
    Object.assign(stripe.trouble, { fault, times: 1 });
    const { id } = await begun();
    expect(id).not.toBe('');
  });

  it('says so when Stripe does not work at all, and changes nothing', async () => {
    const anna = await billingClient.customer();
    Object.assign(stripe.trouble, { fault: '500', times: 6 });
    const answer = await client.topUp(anna, 2_000);
    stripe.trouble.times = 0;
    expect([answer.status, answer.body['code']]).toEqual([503, 'payment.provider_unavailable']);
    expect((await client.get(anna, 'payments')).body['data']).toEqual([]);
  });
});

describe('refunds', () => {
  it('go back in parts, with credit notes, and never more than was paid', async () => {
    const { anna, id } = await paid();
    expect((await client.refund(anna, id, 500)).status).toBe(201);
    await client.until(anna, id, ({ refunds }) => refunds[0]?.status === 'succeeded');
    expect(await client.books(anna)).toMatchObject({ paid: -15_000_000, wallet: 15_000_000 });
    const tooMuch = await client.refund(anna, id, 1_501);
    expect([tooMuch.status, tooMuch.body['code'], tooMuch.body['refundableCents']]).toEqual([
      422,
      'refund.too_much',
      1_500,
    ]);
    expect((await client.refund(anna, id)).status).toBe(201);
    const again = await client.refund(anna, id);
    expect([again.status, again.body['code']]).toEqual([409, 'refund.nothing_left']);
    await client.idle();
    expect(await client.books(anna)).toMatchObject({ paid: 0, wallet: 0, owed: 0 });
    const { body } = await client.get(anna, 'invoices');
    expect((body['data'] as { number: number; kind: string; totalCents: number }[]).map((one) => one)).toMatchObject([
      { number: 3, kind: 'credit_note', totalCents: 1_500 },
      { number: 2, kind: 'credit_note', totalCents: 500 },
      { number: 1, kind: 'invoice', totalCents: 2_000 },
    ]);
  });

  it('are no more than was paid when many ask at once', async () => {
    const { anna, id, intent } = await paid();
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.refund(anna, id, 700)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    await client.idle();
    expect(await client.books(anna)).toMatchObject({ paid: -6_000_000, wallet: 6_000_000 });
    const sent = [...stripe.book.refunds.values()].filter(({ payment_intent }) => payment_intent === intent);
    expect(sent.map(({ amount }) => amount)).toEqual([700, 700]);
  });

  it('leave what was spent', async () => {
    const { anna, id } = await paid();
    expect((await billingClient.hold(anna)).status).toBe(201);
    const held = Number((await client.books(anna))['held']);
    const answer = await client.refund(anna, id);
    expect([answer.status, answer.body['code']]).toEqual([409, 'refund.already_spent']);
    expect(answer.body['refundableCents']).toBe(Math.floor((20_000_000 - held) / 10_000));
  });

  it('that the bank sends back are in the wallet again', async () => {
    const { anna, id, intent } = await paid();
    await client.refund(anna, id, 800);
    await client.idle();
    const [refund] = [...stripe.book.refunds.values()].filter(({ payment_intent }) => payment_intent === intent);
    await told(() => stripe.failRefund(refund?.id ?? ''));
    expect(await client.books(anna)).toMatchObject({ paid: -20_000_000, wallet: 20_000_000 });
    expect((await client.payment(anna, id)).refundableCents).toBe(2_000);
  });

  it('made at Stripe itself are learned of, once', async () => {
    const { anna, id, intent } = await paid();
    const mark = stripe.events.length;
    stripe.refund(intent, 300);
    await deliverSince(mark);
    await deliverSince(mark);
    await client.idle();
    expect((await client.payment(anna, id)).refunds).toMatchObject([{ amountCents: 300, status: 'succeeded' }]);
    expect(await client.books(anna)).toMatchObject({ paid: -17_000_000, wallet: 17_000_000 });
  });
});

describe('disputes', () => {
  it('take the money at once and give it back when they are won', async () => {
    const { anna, intent } = await paid();
    let dispute = '';
    await told(() => (dispute = stripe.dispute(intent)));
    expect(await client.books(anna)).toMatchObject({ paid: 0, wallet: 0, owed: 0 });
    await told(() => stripe.closeDispute(dispute, 'won'));
    expect(await client.books(anna)).toMatchObject({ paid: -20_000_000, wallet: 20_000_000 });
  });

  it('of money that was spent leave a debt, which the next top-up pays first', async () => {
    const { anna, id, intent } = await paid();
    await billingClient.hold(anna);
    const held = Number((await client.books(anna))['held']);
    await told(() => stripe.closeDispute(stripe.dispute(intent), 'lost'));
    expect(await client.books(anna)).toMatchObject({ paid: 0, wallet: 0, held, owed: -held });
    expect((await client.payment(anna, id)).disputes).toMatchObject([{ status: 'lost', amountCents: 2_000 }]);
    expect((await client.manual(anna, 1_000, randomUUID())).status).toBe(201);
    expect(await client.books(anna)).toMatchObject({ wallet: 10_000_000 - held, owed: 0 });
  });

  it('that are only questions move nothing', async () => {
    const { anna, intent } = await paid();
    await told(() => stripe.dispute(intent, 'warning_needs_response'));
    expect((await client.books(anna))['wallet']).toBe(20_000_000);
  });
});

describe('a currency of its own', () => {
  it('is chosen before the first payment, credited at its rate, and stays', async () => {
    const anna = await billingClient.customer();
    const buyer = { name: 'Ana', country: 'PT', language: 'pt' };
    expect((await client.call(anna, 'put', 'profile', { ...buyer, currency: 'EUR' })).status).toBe(200);
    const mixed = await client.call(anna, 'post', 'topups', { amountCents: 1_000, currency: 'USD' });
    expect([mixed.status, mixed.body['code']]).toEqual([422, 'payment.currency_mismatch']);
    expect((await client.manual(anna, 1_000, randomUUID(), { currency: 'EUR' })).body['currency']).toBe('EUR');
    expect(await client.books(anna)).toMatchObject({ paid: -11_000_000, wallet: 11_000_000 });
    const late = await client.call(anna, 'put', 'profile', { ...buyer, currency: 'USD' });
    expect([late.status, late.body['code']]).toEqual([409, 'profile.currency_settled']);
    expect((await client.call(anna, 'put', 'profile', { ...buyer, name: 'Ana Luísa' })).body['currency']).toBe('EUR');
  });
});

describe('the portal', () => {
  it('is open to those who paid by card', async () => {
    const { anna } = await begun();
    expect((await client.call(anna, 'post', 'portal')).body).toEqual({ url: `${stripe.url}/portal` });
    const bruno = makeIdentity();
    expect((await client.call(bruno, 'post', 'portal')).body['code']).toBe('payment.no_customer');
  });
});
