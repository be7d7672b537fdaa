import { randomUUID } from 'node:crypto';
import type { TestIdentity } from '@atrium/testing';
import { expect, it } from '@jest/globals';
import { createCardHolders } from './fixtures/card.fixture.ts';
import { usePayments } from './fixtures/payment.fixture.ts';

const stage = usePayments({ MANUAL_TOPUPS: 'always', CURRENCIES: 'EUR=1.10', TAXES: '[{"name":"VAT","rate":2000}]' });
const holders = createCardHolders(stage);

interface Check {
  name: string;
  expected: number;
  actual: number;
  drift: number;
}
const reconcile = async (anna: TestIdentity) => {
  const { body } = await stage.payments.get(anna, 'reconcile');
  const checks = new Map((body['checks'] as Check[]).map((check) => [check.name, check]));
  const drifts = [...checks.values()].filter(({ drift }) => drift !== 0).map(({ name }) => name);
  return { reconciled: body['reconciled'], checks, drifts: drifts.toSorted() };
};
/** Changes rows behind the back of the service, which the books themselves do not allow. */
const meddle = (sql: string, ...values: unknown[]) => stage.service.database.query(sql, values);

/** Somebody with a payment by card in euros, in part refunded, and one by hand that was refunded in full. */
const payer = async (): Promise<{ anna: TestIdentity; payment: string }> => {
  const anna = await stage.people.customer();
  await stage.payments.call(anna, 'put', 'profile', { name: 'Anna', currency: 'EUR' });
  const payment = String((await stage.payments.topUp(anna, 2_000)).body['id']);
  const session = [...stage.stripe.book.sessions.values()].find(({ metadata }) => metadata['paymentId'] === payment);
  let intent = '';
  await stage.told(() => (intent = stage.stripe.pay(session?.id ?? '')));
  await stage.told(() => stage.stripe.refund(intent, 700));
  const manual = await stage.payments.manual(anna, 1_000, randomUUID());
  expect((await stage.payments.refund(anna, String(manual.body['id']))).status).toBe(201);
  return { anna, payment };
};

it('agrees with the books about payments of every kind, what went back of them, and disputes', async () => {
  const { anna, payment } = await payer();
  const { checks, drifts, reconciled } = await reconcile(anna);
  expect({ drifts, reconciled }).toEqual({ drifts: [], reconciled: true });
  // 24.00 and 12.00 came with taxes, 7.00 and 12.00 went back; a cent of a euro is 11 000 micro-units.
  expect(checks.get('payments_equal_entries')).toMatchObject({ expected: 3_600 * 11_000, actual: 3_600 * 11_000 });
  expect(checks.get('taken_back_equals_entries')).toMatchObject({ expected: 1_900 * 11_000 });
  const [row] = await stage.service.database.query<{ intent_id: string }>(
    `select intent_id from billing.payments where id = $1`,
    [payment],
  );
  for (const outcome of ['won', 'lost'] as const) {
    let dispute = '';
    await stage.told(() => (dispute = stage.stripe.dispute(row?.intent_id ?? '')));
    expect((await reconcile(anna)).drifts).toEqual([]);
    await stage.told(() => stage.stripe.closeDispute(dispute, outcome));
    expect((await reconcile(anna)).drifts).toEqual([]);
  }
});

it.each<[string, (payment: string, workspace: string) => Promise<unknown>, string[]]>([
  [
    'a payment that is not in the books',
    (payment) => meddle(`update billing.payments set status = 'failed', paid_at = null where id = $1`, payment),
    ['payments_equal_entries', 'payments_off_their_entry'],
  ],
  [
    'a payment of another amount',
    (payment) => meddle(`update billing.payments set price = price + 1, total = total + 1 where id = $1`, payment),
    ['payments_equal_entries', 'payments_off_their_entry'],
  ],
  [
    'two payments whose differences hide each other',
    async (_payment, workspace) => {
      await meddle(
        `update billing.payments set price = price + 1, total = total + 1 where workspace_id = $1 and provider = 'stripe'`,
        workspace,
      );
      await meddle(
        `update billing.payments set price = price - 1, total = total - 1 where workspace_id = $1 and provider = 'manual'`,
        workspace,
      );
    },
    ['payments_off_their_entry'],
  ],
  [
    'a refund that moved nothing',
    (payment) =>
      meddle(
        `insert into billing.refunds select gen_random_uuid(), workspace_id, payment_id, null, amount, taken, tax, status,
           reason, created_by, created_at, updated_at from billing.refunds where payment_id = $1`,
        payment,
      ),
    ['refunds_and_disputes_off_their_entries', 'taken_back_equals_entries'],
  ],
  [
    'a refund that is said to have failed',
    (payment) => meddle(`update billing.refunds set status = 'failed' where payment_id = $1`, payment),
    ['refunds_and_disputes_off_their_entries', 'taken_back_equals_entries'],
  ],
  [
    'an automatic payment that no top-up waits for',
    (payment) =>
      meddle(
        `insert into billing.payments (id, workspace_id, kind, provider, automatic, status, currency, rate, price, tax,
           total, taxes, created_at, updated_at)
         select gen_random_uuid(), workspace_id, kind, provider, true, 'pending', currency, rate, price, tax, total, taxes,
           now(), now() from billing.payments where id = $1`,
        payment,
      ),
    ['automatic_top_ups_have_payments'],
  ],
])('sees %s', async (_name, change, names) => {
  const { anna, payment } = await payer();
  await change(payment, anna.workspaceId);
  expect(await reconcile(anna)).toMatchObject({ reconciled: false, drifts: names });
});

it('explains a top-up that waits for its payment, and sees one whose payment is over', async () => {
  const anna = await holders.holder('pays slowly');
  await holders.setRule(anna);
  await stage.payments.idle();
  const { checks, drifts } = await reconcile(anna);
  expect(drifts).toEqual([]);
  expect(checks.get('automatic_top_ups_have_payments')).toMatchObject({ expected: 1, actual: 1 });
  const [topUp] = await holders.topUps(anna);
  await meddle(`update billing.payments set status = 'failed' where id = $1`, topUp?.id);
  expect((await reconcile(anna)).drifts).toEqual(['automatic_top_ups_have_payments']);
  await meddle(`delete from billing.payments where id = $1`, topUp?.id);
  expect((await reconcile(anna)).drifts).toEqual([]);
});
