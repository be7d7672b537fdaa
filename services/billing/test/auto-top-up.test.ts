import { RunCompleted } from '@atrium/contracts';
import { eventually, type StripeCardTemper, type TestIdentity } from '@atrium/testing';
import { describe, expect, it } from '@jest/globals';
import { endedRun } from './fixtures/billing.client.ts';
import { createCardHolders } from './fixtures/card.fixture.ts';
import { usePayments } from './fixtures/payment.fixture.ts';

const stage = usePayments({
  CURRENCIES: 'EUR=1.10',
  TAXES: '[{"name":"VAT","rate":2000,"country":"PT","inclusive":false}]',
});
const holders = createCardHolders(stage);
const CHARGES = '/v1/payment_intents';

const statuses = async (anna: TestIdentity): Promise<string[]> =>
  (await holders.topUps(anna)).map(({ status }) => status);
const ended = (anna: TestIdentity, status: string): Promise<unknown> =>
  eventually(async () => (await statuses(anna)).at(-1) === status, 30_000);
/** Asks for more than there is, so that a rule that may would top up. */
const want = async (anna: TestIdentity): Promise<void> =>
  expect((await stage.people.hold(anna, { maxInputTokens: 4_000_000 })).status).toBe(402);
/** Spends 200 000 micro-units. */
const spend = (anna: TestIdentity) => stage.people.handled(RunCompleted, anna.workspaceId, endedRun());

describe('a rule', () => {
  it('cannot be enabled without a card, nor with an amount that nobody can pay', async () => {
    const anna = await stage.people.customer();
    const refused = await holders.setRule(anna);
    expect([refused.status, refused.body['code']]).toEqual([409, 'auto_top_up.no_card']);
    await holders.saveCard(anna);
    for (const amount of [4_999_999, 10_000_010_000]) {
      const { status, body } = await holders.setRule(anna, { amount, mostPerDay: 2e10, mostPerMonth: 2e10 });
      expect([status, body['code']]).toEqual([422, 'payment.amount_out_of_range']);
    }
    expect(await holders.rule(anna)).toMatchObject({ enabled: false, available: true, latest: null });
    expect(holders.charges(anna)).toEqual([]);
  });

  it('is set by administrators', async () => {
    const anna = await holders.holder();
    expect((await holders.setRule({ ...anna, role: 'member' })).status).toBe(403);
  });

  it('that is switched off charges nothing', async () => {
    const anna = await holders.holder();
    await holders.setRule(anna, { enabled: false });
    await want(anna);
    await stage.payments.idle();
    expect(await holders.topUps(anna)).toEqual([]);
  });
});

describe('a top-up', () => {
  it('charges the card once and books the money as any other payment, whatever Stripe tells besides', async () => {
    const anna = await holders.holder();
    const live = await stage.spending.live(anna, 'billing.payment.succeeded.v1');
    const mark = stage.stripe.events.length;
    const { body } = await holders.setRule(anna);
    await ended(anna, 'succeeded');
    for (const _ of [1, 2]) await stage.deliverSince(mark);
    await stage.payments.idle();
    const [topUp] = await holders.topUps(anna);
    expect(body).toMatchObject({ enabled: true, latest: { id: topUp?.id, amount: 5_000_000 } });
    expect(holders.charges(anna)).toMatchObject([{ amount: 500, currency: 'usd', status: 'succeeded' }]);
    expect(await holders.entries(anna)).toEqual([topUp?.id]);
    expect(await stage.payments.books(anna)).toMatchObject({ wallet: 5_000_000, paid: -5_000_000 });
    expect((await stage.payments.get(anna, `payments/${topUp?.id}`)).body).toMatchObject({
      ...{ automatic: true, status: 'paid', kind: 'topup', provider: 'stripe', totalCents: 500 },
    });
    expect((await stage.payments.get(anna, 'invoices')).body['data']).toMatchObject([{ paymentId: topUp?.id }]);
    await eventually(async () => live.heard.length > 0);
    live.close();
    expect(live.heard).toMatchObject([{ paymentId: topUp?.id, totalCents: 500 }]);
    const asked = stage.stripe.requests.filter(({ path, key }) => path === CHARGES && key?.includes(topUp?.id ?? '-'));
    expect(asked).toHaveLength(1);
  });

  it('is asked for when a run finds the wallet empty', async () => {
    const anna = await holders.holder();
    await holders.setRule(anna, { threshold: 0 });
    await holders.setRule(anna, { threshold: 1 });
    await ended(anna, 'succeeded');
    await want(anna);
    expect(await statuses(anna)).toHaveLength(1);
    await stage.service.database.query(`update billing.top_up_rules set threshold = 9000000 where workspace_id = $1`, [
      anna.workspaceId,
    ]);
    await want(anna);
    await eventually(async () => (await holders.wallet(anna)) === 10_000_000);
  });

  it('asks for whole cents of the currency that are not more than the rule says, and adds taxes', async () => {
    const anna = await stage.people.customer();
    const buyer = { name: 'Anna', country: 'PT', currency: 'EUR' };
    expect((await stage.payments.call(anna, 'put', 'profile', buyer)).status).toBe(200);
    await holders.saveCard(anna);
    await holders.setRule(anna, { amount: 5_500_000 });
    await ended(anna, 'succeeded');
    expect(await holders.wallet(anna)).toBe(5_500_000);
    expect(holders.charges(anna)).toMatchObject([{ currency: 'eur', amount: 600 }]);
    await holders.setRule(anna, { amount: 5_510_999, mostPerDay: 11_100_000, threshold: 5_500_001 });
    await eventually(async () => (await holders.wallet(anna)) === 11_000_000);
  });

  it('can be refunded and disputed as any other payment', async () => {
    const anna = await holders.holder();
    await holders.setRule(anna);
    await ended(anna, 'succeeded');
    const [topUp] = await holders.topUps(anna);
    await holders.setRule(anna, { enabled: false });
    expect((await stage.payments.refund(anna, topUp?.id ?? '', 200)).status).toBe(201);
    await stage.payments.idle();
    expect([...stage.stripe.book.refunds.values()].at(-1)).toMatchObject({ amount: 200 });
    await stage.told(() => stage.stripe.dispute(holders.charges(anna)[0]?.id ?? ''));
    expect(await holders.wallet(anna)).toBe(0);
  });

  it('keeps its limits exactly, however much is spent and told at once', async () => {
    const anna = await holders.holder();
    const mark = stage.stripe.events.length;
    await holders.setRule(anna, { threshold: 100_000_000 });
    for (let round = 0; round < 4; round += 1) {
      await Promise.all([
        ...Array.from({ length: 6 }, () => spend(anna)),
        ...Array.from({ length: 6 }, () => stage.people.hold(anna, { maxInputTokens: 4_000_000 })),
        ...Array.from({ length: 3 }, () => holders.setRule(anna, { threshold: 100_000_000 })),
        stage.deliverSince(mark),
      ]);
      await stage.payments.idle();
    }
    expect(await statuses(anna)).toEqual(['succeeded', 'succeeded']);
    expect(holders.charges(anna)).toHaveLength(2);
    // A higher limit of the day leaves room for one more, and then that of the month is reached.
    await holders.setRule(anna, { threshold: 100_000_000, mostPerDay: 15_000_000 });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 5 }, () => spend(anna)));
      await stage.payments.idle();
    }
    expect(holders.charges(anna)).toHaveLength(3);
  }, 180_000);
});

describe('an empty wallet', () => {
  it('is topped up by a run that had no hold and found nothing to pay with', async () => {
    const anna = await holders.holder();
    await holders.setRule(anna, { threshold: 0 });
    await stage.service.database.query(`update billing.top_up_rules set threshold = 1 where workspace_id = $1`, [
      anna.workspaceId,
    ]);
    await spend(anna);
    await ended(anna, 'succeeded');
    expect(await holders.wallet(anna)).toBe(5_000_000);
  });
});

describe('a card that cannot be charged', () => {
  it.each<[StripeCardTemper, string]>([
    ['has no money', 'insufficient_funds'],
    ['wants its owner', 'authentication_required'],
    ['has expired', 'card_expired'],
  ])('because it %s pauses the rule, and everybody is told why and what to do', async (temper, code) => {
    const anna = await holders.holder(temper);
    const live = await stage.spending.live(anna, 'billing.payment.failed.v1');
    const mark = stage.stripe.events.length;
    await holders.setRule(anna);
    await ended(anna, 'failed');
    await stage.deliverSince(mark);
    for (let times = 0; times < 3; times += 1) await want(anna);
    await stage.payments.idle();
    expect(await holders.topUps(anna)).toMatchObject([{ status: 'failed', code }]);
    const { paused, enabled, latest } = await holders.rule(anna);
    expect(enabled).toBe(true);
    expect(paused).toMatchObject({ code, advice: expect.stringMatching(/card/) });
    expect(latest).toMatchObject({ status: 'failed', problem: { code } });
    await eventually(async () => live.heard.length > 0);
    live.close();
    expect(live.heard).toMatchObject([{ code, reason: (paused as { reason: string }).reason }]);
    expect(live.heard[0]?.['advice']).toBe((paused as { advice: string }).advice);
    // Nobody can complete it later at Stripe.
    expect(holders.charges(anna).map(({ status }) => status)).toEqual(['canceled']);
    expect(await holders.wallet(anna)).toBe(0);
  });

  it('is tried again when the owner sets the rule again, and the rule goes on with another card', async () => {
    const anna = await holders.holder('has no money');
    await holders.setRule(anna);
    await ended(anna, 'failed');
    await holders.setRule(anna);
    await eventually(async () => (await statuses(anna)).join() === 'failed,failed', 30_000);
    expect((await holders.rule(anna))['paused']).toMatchObject({ code: 'insufficient_funds' });
    await holders.saveCard(anna);
    await ended(anna, 'succeeded');
    expect((await holders.rule(anna))['paused']).toBeNull();
    expect(await holders.wallet(anna)).toBe(5_000_000);
  });

  it('because it was removed has the rule wait for another one', async () => {
    const anna = await holders.holder();
    await holders.setRule(anna, { threshold: 0 });
    await stage.payments.call(anna, 'delete', 'payment-methods');
    expect((await holders.rule(anna))['paused']).toMatchObject({ code: 'no_card' });
    await stage.service.database.query(
      `update billing.top_up_rules set paused_at = null, threshold = 9000000 where workspace_id = $1`,
      [anna.workspaceId],
    );
    await want(anna);
    await ended(anna, 'failed');
    expect(await holders.topUps(anna)).toMatchObject([{ code: 'no_card' }]);
    expect(holders.charges(anna)).toEqual([]);
  });

  it('because Stripe lost it fails as one that is not there', async () => {
    const anna = await stage.people.customer();
    const method = await holders.saveCard(anna);
    const card = stage.stripe.book.methods.get(method);
    if (card) card.customer = null;
    await holders.setRule(anna);
    await ended(anna, 'failed');
    expect((await holders.rule(anna))['paused']).toMatchObject({ code: 'no_card' });
  });

  it('says nothing about the card that was saved since', async () => {
    const anna = await holders.holder('pays slowly');
    await holders.setRule(anna);
    await eventually(async () => holders.charges(anna).length > 0);
    await stage.payments.idle();
    await holders.saveCard(anna);
    await stage.told(() => stage.stripe.settleIntent(holders.charges(anna)[0]?.id ?? '', false));
    expect(await statuses(anna)).toEqual(['failed']);
    expect((await holders.rule(anna))['paused']).toBeNull();
    await want(anna);
    await eventually(async () => (await holders.wallet(anna)) === 5_000_000, 30_000);
    expect((await statuses(anna)).toSorted()).toEqual(['failed', 'succeeded']);
  });

  it('at once may still pay, or be declined, later', async () => {
    for (const arrives of [true, false]) {
      const anna = await holders.holder('pays slowly');
      await holders.setRule(anna);
      await eventually(async () => holders.charges(anna).length > 0);
      await stage.payments.idle();
      for (let times = 0; times < 2; times += 1) await want(anna);
      expect(await statuses(anna)).toEqual(['pending']);
      const [id] = (await holders.topUps(anna)).map((row) => row.id);
      const cancelled = await stage.payments.call(anna, 'post', `payments/${id}/cancel`);
      expect(cancelled.body['code']).toBe('payment.settled');
      await stage.told(() => stage.stripe.settleIntent(holders.charges(anna)[0]?.id ?? '', arrives));
      expect(await statuses(anna)).toEqual([arrives ? 'succeeded' : 'failed']);
      expect(await holders.wallet(anna)).toBe(arrives ? 5_000_000 : 0);
    }
  }, 180_000);
});
