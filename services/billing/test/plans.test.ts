import { randomUUID } from 'node:crypto';
import { RunCompleted, UserRegistered } from '@atrium/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  makeIdentity,
  startServiceUnderTest,
  type ServiceUnderTest,
  type TestIdentity,
} from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createBillingClient, endedRun } from './fixtures/billing.client.ts';
import { createSpendingClient } from './fixtures/spending.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const CREDIT = 5_000_000;
const ALLOWANCE = 20_000_000;
const HALF_DAY = 43_200_000;
const DAY = 86_400_000;

const { service, people: client, spending } = useBilling();

const subscription = async (identity: TestIdentity) => (await spending.send(identity, 'GET', 'subscription')).body;
const choose = (identity: TestIdentity, body: Record<string, unknown>) =>
  spending.send(identity, 'PUT', 'subscription', body);
const credits = (identity: TestIdentity) => spending.data(identity, 'credits');
const entries = async (identity: TestIdentity) =>
  service.database.query<{ kind: string; reference: string }>(
    `select kind, reference from billing.entries where workspace_id = $1 order by seq`,
    [identity.workspaceId],
  );

/** Moves everything of a workspace into the past, as if nothing had run in the time between. */
const age = async ({ workspaceId }: TestIdentity, ms: number) => {
  const past = `- make_interval(secs => ${ms / 1000})`;
  await service.database.query(
    `update billing.subscriptions set period_start = period_start ${past}, period_end = period_end ${past},
       anchor = (anchor - make_interval(secs => ${ms / 1000}))::date where workspace_id = $1`,
    [workspaceId],
  );
  await service.database.query(
    `update billing.credits set expires_at = expires_at ${past}, created_at = created_at ${past} where workspace_id = $1`,
    [workspaceId],
  );
};

describe('a new workspace', () => {
  it('is on the free plan in its own zone, and its welcome credit stays', async () => {
    const anna = makeIdentity();
    await client.handled(UserRegistered, anna.workspaceId, {
      ...{ userId: anna.userId, workspaceId: anna.workspaceId, email: 'a@example.com', name: 'A', locale: 'pt' },
      timeZone: 'America/Sao_Paulo',
    });
    const read = await subscription(anna);
    expect(read).toMatchObject({ plan: 'free', source: 'default', price: 0, nextPlan: null, cancelAtPeriodEnd: false });
    expect(read['timeZone']).toBe('America/Sao_Paulo');
    expect(String(read['periodEnd'])).toMatch(/T03:00:00.000Z$/);
    expect(await credits(anna)).toMatchObject([
      { kind: 'welcome', amount: CREDIT, remaining: CREDIT, expiresAt: null },
    ]);
  });

  it('finds the plans there are', async () => {
    const plans = await spending.data(await client.customer(), 'plans');
    expect(plans.map(({ id }) => id)).toEqual(['free', 'pro', 'custom']);
  });
});

describe('changing the plan now', () => {
  it('grants what it is worth for the rest of the period, which is used up before other credit and expires', async () => {
    const anna = await client.customer();
    const { status, body } = await choose(anna, { plan: 'pro' });
    expect({ status, plan: body['plan'], source: body['source'] }).toEqual({
      status: 200,
      plan: 'pro',
      source: 'hand',
    });
    const [first, second] = await credits(anna);
    expect(first).toMatchObject({ kind: 'allowance', expiresAt: body['periodEnd'] });
    expect(second).toMatchObject({ kind: 'welcome' });
    // The period began moments ago, so nearly all of it is left.
    expect(Number(first?.['amount'])).toBeGreaterThan(ALLOWANCE - 100);
    expect(Number(first?.['amount'])).toBeLessThanOrEqual(ALLOWANCE);
    const hold = await client.hold(anna);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(hold.body['id']) }));
    const [allowance, welcome] = await credits(anna);
    expect(Number(allowance?.['remaining'])).toBe(Number(first?.['amount']) - 200_000);
    expect(welcome?.['remaining']).toBe(CREDIT);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('to a smaller one takes back what is left of it, and never what was paid', async () => {
    const anna = await client.customer();
    await choose(anna, { plan: 'pro' });
    const hold = await client.hold(anna);
    await choose(anna, { plan: 'free' });
    // What the running work was promised stays until it ends.
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 500_000 });
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(hold.body['id']) }));
    const { available } = await client.balance(anna);
    expect(available).toBe(CREDIT + 300_000);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('there and back as often as one likes makes no money', async () => {
    const anna = await client.customer();
    for (let times = 0; times < 4; times += 1)
      for (const plan of ['pro', 'free']) expect((await choose(anna, { plan })).status).toBe(200);
    // But for what the moments on the plan were worth.
    expect(Math.abs((await client.balance(anna)).available - CREDIT)).toBeLessThan(200);
  });

  it.each([
    [{ plan: 'nothing' }, 422, 'plan.unknown'],
    [{ plan: 'pro', terms: { price: 0, allowance: 1, entitlements: {} } }, 422, 'request.invalid'],
    [{}, 422, 'request.invalid'],
    [{ plan: 'pro', cancelAtPeriodEnd: true }, 422, 'request.invalid'],
    [{ plan: 'pro', when: 'yesterday' }, 422, 'request.invalid'],
  ])('with %j is refused', async (body, status, code) => {
    const anna = await client.customer();
    const refused = await choose(anna, body);
    expect({ status: refused.status, code: refused.body['code'] }).toEqual({ status, code });
    expect((await subscription(anna))['plan']).toBe('free');
  });

  it('is for administrators, and of one workspace', async () => {
    const anna = await client.customer();
    expect((await choose({ ...anna, role: 'member' }, { plan: 'pro' })).status).toBe(403);
    await choose(anna, { plan: 'pro' });
    expect((await subscription(await client.customer()))['plan']).toBe('free');
  });
});

describe('the end of a period', () => {
  const fullCredit = async (identity: TestIdentity) => {
    await choose(identity, { plan: 'pro' });
    return subscription(identity);
  };

  it('expires what is left, and grants the next allowance once, whoever comes first', async () => {
    const anna = await client.customer();
    await fullCredit(anna);
    await age(anna, 33 * DAY);
    await Promise.all(Array.from({ length: 8 }, () => subscription(anna)));
    const read = await subscription(anna);
    expect(Date.parse(String(read['periodEnd']))).toBeGreaterThan(Date.now());
    await client.hold(anna);
    const granted = (await entries(anna)).filter(({ reference }) => reference.startsWith('allowance:'));
    expect(granted).toHaveLength(1);
    expect(granted[0]?.reference).toBe(`allowance:${String(read['periodStart'])}`);
    expect((await entries(anna)).filter(({ kind }) => kind === 'expire')).toHaveLength(1);
    expect(await client.balance(anna)).toEqual({ available: CREDIT + ALLOWANCE - 500_000, held: 500_000 });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('is caught up by the job after a long time, with one allowance for the period that runs', async () => {
    const anna = await client.customer();
    await fullCredit(anna);
    await age(anna, 100 * DAY + HALF_DAY);
    await service.database.query(
      `update billing.jobs set run_at = now() where workspace_id = $1 and kind in ('plan.renew', 'credit.expire')`,
      [anna.workspaceId],
    );
    const allowances = async () => (await entries(anna)).filter(({ reference }) => reference.startsWith('allowance:'));
    await eventually(async () => (await allowances()).length > 0);
    await eventually(async () => (await client.balance(anna)).available === CREDIT + ALLOWANCE);
    const granted = await allowances();
    expect(granted).toHaveLength(1);
    expect(await credits(anna)).toMatchObject([
      { kind: 'allowance', remaining: ALLOWANCE },
      { kind: 'welcome', remaining: CREDIT },
      { kind: 'allowance', remaining: 0 },
    ]);
  });

  it('ends a plan that was cancelled, and keeps one whose cancelling was taken back', async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    for (const one of [anna, bruno]) {
      await choose(one, { plan: 'pro' });
      const { body } = await choose(one, { cancelAtPeriodEnd: true });
      expect(body).toMatchObject({ plan: 'pro', nextPlan: 'free', cancelAtPeriodEnd: true });
    }
    await choose(bruno, { cancelAtPeriodEnd: false });
    for (const one of [anna, bruno]) await age(one, 33 * DAY);
    expect((await subscription(anna))['plan']).toBe('free');
    expect((await subscription(bruno))['plan']).toBe('pro');
  });

  it('begins the plan that was chosen for then', async () => {
    const anna = await client.customer();
    const { body } = await choose(anna, { plan: 'pro', when: 'period_end' });
    expect(body).toMatchObject({ plan: 'free', nextPlan: 'pro', allowance: 0 });
    expect((await client.balance(anna)).available).toBe(CREDIT);
    await age(anna, 33 * DAY);
    expect(await subscription(anna)).toMatchObject({ plan: 'pro', nextPlan: null });
    expect((await client.balance(anna)).available).toBe(CREDIT + ALLOWANCE);
  });

  it('leaves what running work was promised until it ends, and a late sweep lends nothing', async () => {
    const anna = await client.customer();
    await choose(anna, { plan: 'pro' });
    await choose(anna, { cancelAtPeriodEnd: true });
    const hold = await client.hold(anna);
    await age(anna, 33 * DAY);
    await service.database.query(
      `update billing.holds set created_at = created_at - interval '33 days' where id = $1`,
      [hold.body['id']],
    );
    // The wallet shows the old allowance until somebody looks; the next hold does, and cannot have it.
    expect((await client.hold(anna, { maxInputTokens: 3_000_000 })).status).toBe(402);
    expect((await client.hold(anna)).status).toBe(201);
    expect((await client.balance(anna)).available).toBe(CREDIT - 500_000);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(hold.body['id']) }));
    await client.hold(anna);
    expect((await client.balance(anna)).available).toBe(CREDIT - 1_000_000);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });
});

describe('what a plan allows', () => {
  const ask = (identity: TestIdentity, actor?: string) =>
    spending.send(identity, 'GET', '/internal/entitlements', undefined, actor ? { actor } : {});
  const agreed = {
    price: 0,
    allowance: 1_000_000,
    entitlements: { models: ['gpt-*'], concurrentRuns: 1, maxUploadBytes: 5, members: 2, documents: 3 },
  };

  it('is read by services and by nobody else, with the plans that allow more', async () => {
    const anna = await client.customer();
    const { status, body } = await ask(anna, 'document');
    expect({ status, plan: body['plan'] }).toEqual({ status: 200, plan: 'free' });
    expect((body['plans'] as { id: string }[]).map(({ id }) => id)).toEqual(['custom', 'pro']);
    expect((await ask(anna)).status).toBe(403);
    expect((await ask(anna, 'gateway')).status).toBe(403);
  });

  it('is what was agreed, for the custom plan, and its change is told', async () => {
    const anna = await client.customer();
    expect((await choose(anna, { plan: 'custom', terms: agreed })).status).toBe(200);
    expect((await ask(anna, 'auth')).body).toMatchObject({ plan: 'custom', entitlements: agreed.entitlements });
    const told = await service.database.query(
      `select subscriber from billing.outbox where type = 'billing.entitlements.changed.v1' and workspace_id = $1
       order by subscriber`,
      [anna.workspaceId],
    );
    expect(told).toEqual([{ subscriber: 'agent-orchestrator' }, { subscriber: 'document' }]);
  });
});

describe('where payments begin plans', () => {
  let paid: ServiceUnderTest;
  beforeAll(async () => {
    const plans = [{ id: 'team', name: 'Team', price: 90_000, allowance: 7, entitlements: { ...unlimited } }];
    paid = await startServiceUnderTest(billing, { PLAN_CHANGES: 'by_payment', PLANS: JSON.stringify(plans) });
  });
  afterAll(() => paid.close());
  const unlimited = { models: ['*'], concurrentRuns: null, maxUploadBytes: null, members: null, documents: null };

  it('an administrator cannot choose one that costs something', async () => {
    const anna = await createBillingClient(paid).customer();
    const asked = createSpendingClient(paid);
    const { status, body } = await asked.send(anna, 'PUT', 'subscription', { plan: 'team' });
    expect({ status, code: body['code'], plan: body['plan'] }).toEqual({
      status: 402,
      code: 'subscription.payment_required',
      plan: 'team',
    });
    expect((await asked.send(anna, 'PUT', 'subscription', { plan: 'free' })).status).toBe(200);
  });
});

it('a command with an Idempotency-Key is imported once', async () => {
  const anna = await client.customer();
  const key = randomUUID();
  const body = { prices: [{ provider: 'openai', model: 'gpt-4o', unit: 'input', price: '1' }] };
  const [first, second] = [
    await spending.send(anna, 'POST', 'prices/import', body, { key }),
    await spending.send(anna, 'POST', 'prices/import', body, { key }),
  ];
  expect(second.text).toBe(first.text);
});
