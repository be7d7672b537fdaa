import { eventually } from '@atrium/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCardHolders } from './fixtures/card.fixture.ts';
import { usePayments } from './fixtures/payment.fixture.ts';

// What fails here is Stripe; the other cases must not wait for it to be tried again.
const stage = usePayments({ BREAKER_OPEN_MS: '200' });
const holders = createCardHolders(stage);
const CHARGES = '/v1/payment_intents';
afterEach(() => void Object.assign(stage.stripe.trouble, { fault: 'none', times: 0 }));

type Fault = (typeof stage.stripe.trouble)['fault'];
const trouble = (fault: Fault, times: number): void =>
  void Object.assign(stage.stripe.trouble, { fault, times, path: CHARGES });
const keysOf = (id: string | undefined): Set<string | undefined> =>
  new Set(
    stage.stripe.requests
      .filter(({ method, path, key }) => method === 'POST' && path === CHARGES && key?.endsWith(id ?? '-'))
      .map(({ key }) => key),
  );

describe('a charge whose answer is lost', () => {
  // The client asks three times by itself, so from the fourth on it is the job that asks again.
  it.each<[string, Fault, number]>([
    ['Stripe fails before it does anything', '500', 5],
    ['the connection breaks before Stripe does anything', 'cut', 5],
    ['Stripe charged, and the connection broke', 'unheard', 1],
    ['Stripe charged, and no connection held for long', 'unheard', 5],
    ['Stripe charged, and answered with a failure for good', 'broken', 5],
    ['another request with the key is under way', '409', 5],
  ])(
    'is made once and booked once when %s',
    async (_name, fault, times) => {
      const anna = await holders.holder();
      trouble(fault, times);
      await holders.setRule(anna);
      await eventually(async () => (await holders.topUps(anna))[0]?.status === 'succeeded', 60_000);
      const [topUp] = await holders.topUps(anna);
      expect(holders.charges(anna)).toHaveLength(1);
      expect(await holders.entries(anna)).toEqual([topUp?.id]);
      expect(keysOf(topUp?.id).size).toBe(1);
      expect(await holders.wallet(anna)).toBe(5_000_000);
    },
    90_000,
  );

  it('is booked by what Stripe tells of it, while nothing else is heard from there', async () => {
    const anna = await holders.holder();
    trouble('unheard', 1_000);
    const mark = stage.stripe.events.length;
    await holders.setRule(anna);
    await eventually(async () => holders.charges(anna).length > 0);
    await stage.deliverSince(mark);
    await eventually(async () => (await holders.wallet(anna)) === 5_000_000, 30_000);
    trouble('none', 0);
    await stage.payments.idle();
    expect(await holders.entries(anna)).toHaveLength(1);
    expect(holders.charges(anna)).toHaveLength(1);
  }, 180_000);

  it('and that was refused is found to be refused', async () => {
    const anna = await holders.holder('has no money');
    trouble('unheard', 5);
    await holders.setRule(anna);
    await eventually(async () => (await holders.topUps(anna))[0]?.status === 'failed', 60_000);
    expect((await holders.rule(anna))['paused']).toMatchObject({ code: 'insufficient_funds' });
    expect(holders.charges(anna)).toMatchObject([{ status: 'canceled' }]);
  }, 180_000);

  it('is not made when a day has gone by: Stripe has forgotten the key by then', async () => {
    for (const charged of [false, true]) {
      const anna = await holders.holder();
      trouble(charged ? 'broken' : 'cut', 3);
      await holders.setRule(anna);
      await eventually(async () => stage.stripe.trouble.times === 0);
      await stage.service.database.query(
        `update billing.auto_top_ups set created_at = created_at - interval '21 hours' where workspace_id = $1`,
        [anna.workspaceId],
      );
      await eventually(async () => (await holders.topUps(anna))[0]?.status !== 'pending', 60_000);
      expect(await holders.topUps(anna)).toMatchObject([
        charged ? { status: 'succeeded', code: null } : { status: 'failed', code: 'unanswered' },
      ]);
      expect(holders.charges(anna)).toHaveLength(charged ? 1 : 0);
      expect((await holders.rule(anna))['paused']).toBeNull();
    }
  }, 180_000);
});

describe('a process that ends between our row and the answer', () => {
  it('leaves a charge that the next one asks for again with the same key', async () => {
    const anna = await holders.holder();
    trouble('silent', 1);
    await holders.setRule(anna);
    await eventually(async () => stage.stripe.trouble.times === 0);
    // Nothing was answered; the process goes, and the job's lease with it.
    await stage.service.running.close();
    await stage.service.database.query(
      `update billing.jobs set lease_until = now(), run_at = now() where kind = 'top_up.request' and state <> 'succeeded'`,
    );
    await stage.service.startAgain();
    await eventually(async () => (await holders.topUps(anna))[0]?.status === 'succeeded', 60_000);
    expect(holders.charges(anna)).toHaveLength(1);
    expect(keysOf((await holders.topUps(anna))[0]?.id).size).toBe(1);
    expect(await holders.entries(anna)).toHaveLength(1);
  }, 180_000);
});

describe('where nobody takes cards any more', () => {
  it('what may have been charged waits, and a rule cannot be enabled', async () => {
    const bare = await stage.service.startAgain({ STRIPE_SECRET_KEY: undefined, STRIPE_WEBHOOK_SECRETS: '' });
    const anna = await stage.people.customer();
    const answer = await fetch(`${bare.url}/api/v1/billing/auto-top-up`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${stage.service.issuer.token(anna)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ enabled: true, threshold: 1, amount: 1, mostPerDay: 1, mostPerMonth: 1 }),
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'auto_top_up.unavailable']);
  });
});
