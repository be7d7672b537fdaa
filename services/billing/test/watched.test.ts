import { randomUUID } from 'node:crypto';
import { RunCompleted } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import { eventually, makeIdentity, type TestIdentity } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

// A hold of the client's default size sets 500 000 micro-units aside.
const AMOUNT = 500_000;
const CREDIT = 5_000_000;

const { people: client, spending, service } = useBilling();

const put = async (identity: TestIdentity, amount: number) => {
  const budgets = [{ scope: 'workspace', period: 'monthly', amount }];
  expect((await spending.send(identity, 'PUT', 'budgets', { budgets })).status).toBe(200);
};
const budgetOf = async (identity: TestIdentity) => {
  const { budgets } = (await spending.send(identity, 'GET', 'budgets')).body as { budgets: { reserved: number }[] };
  return budgets[0];
};
const internal = (identity: TestIdentity, path: string, body?: object, key?: string) =>
  spending.send(identity, 'POST', `/internal/${path}`, body, {
    actor: 'agent-orchestrator',
    ...(key === undefined ? {} : { key }),
  });
const charge = (identity: TestIdentity, amount: number, reference: string = randomUUID(), key?: string) =>
  internal(identity, 'charges', { reference, amount, description: 'Something' }, key);
const reconciled = async (identity: TestIdentity) => (await client.get(identity, 'reconcile')).body['reconciled'];

describe('a workspace with a budget', () => {
  it('counts every hold that is placed while the budget is made, and lets none past it afterwards', async () => {
    for (let round = 0; round < 4; round += 1) {
      const anna = await client.customer();
      const early = Array.from({ length: 4 }, () => client.hold(anna));
      const made = put(anna, 2 * AMOUNT);
      const late = Array.from({ length: 4 }, () => client.hold(anna));
      await made;
      const after = await Promise.all([client.hold(anna), client.hold(anna), client.hold(anna)]);
      const placed = (await Promise.all([...early, ...late]))
        .concat(after)
        .filter(({ status }) => status === 201).length;
      const { held } = await client.balance(anna);
      expect(held).toBe(placed * AMOUNT);
      expect(await budgetOf(anna)).toMatchObject({ reserved: held });
      expect((await client.hold(anna)).body['code']).toBe('budget.exceeded');
    }
  });

  it('counts what is captured in parts, and keeps what is still set aside', async () => {
    const anna = await client.customer();
    await put(anna, 2 * AMOUNT);
    const { body } = await client.hold(anna);
    const hold = `holds/${String(body['id'])}`;
    const part = await internal(anna, `${hold}/capture`, { amount: 100_000, keepRest: true });
    expect(part.body).toMatchObject({ status: 'open', captured: 100_000, remaining: 400_000 });
    expect(await budgetOf(anna)).toMatchObject({ reserved: 400_000, spent: 100_000 });
    expect((await internal(anna, `${hold}/capture`, { amount: 50_000 })).body).toMatchObject({ status: 'captured' });
    expect(await budgetOf(anna)).toMatchObject({ reserved: 0, spent: 150_000 });
    const other = await client.hold(anna);
    expect((await internal(anna, `holds/${String(other.body['id'])}/release`)).body['status']).toBe('released');
    expect(await budgetOf(anna)).toMatchObject({ reserved: 0, spent: 150_000 });
    expect(await reconciled(anna)).toBe(true);
  });

  it('counts a charge once, however often it is asked for', async () => {
    const anna = await client.customer();
    await put(anna, 2 * AMOUNT);
    const first = await charge(anna, 70_000, 'once');
    expect([first.status, (await charge(anna, 70_000, 'once')).text]).toEqual([201, first.text]);
    expect((await charge(anna, 80_000, 'once')).body['code']).toBe('entry.reference_mismatch');
    expect(await budgetOf(anna)).toMatchObject({ reserved: 0, spent: 70_000 });
  });

  it('refuses a charge that a hard budget has too little left for, as it does a hold', async () => {
    const anna = await client.customer();
    await put(anna, 2 * AMOUNT);
    const first = await charge(anna, AMOUNT, 'covered', 'key-covered');
    expect(first.status).toBe(201);
    const { status, body } = await charge(anna, AMOUNT + 1, 'too much', 'key-too-much');
    expect({ status, body }).toMatchObject({
      status: 402,
      body: { code: 'budget.exceeded', required: AMOUNT + 1, available: AMOUNT, budget: { scope: 'workspace' } },
    });
    const rivals = await Promise.all(Array.from({ length: 8 }, () => charge(anna, AMOUNT / 2)));
    expect(rivals.filter((one) => one.status === 201)).toHaveLength(2);
    // What was booked before is answered again, though nothing is left.
    expect((await charge(anna, AMOUNT, 'covered')).text).toBe(first.text);
    expect((await charge(anna, AMOUNT, 'covered', 'key-covered')).text).toBe(first.text);
    expect(await budgetOf(anna)).toMatchObject({ reserved: 0, spent: 2 * AMOUNT });
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 2 * AMOUNT, held: 0 });
    await client.handled(RunCompleted, anna.workspaceId, endedRun());
    expect(await budgetOf(anna)).toMatchObject({ spent: 2 * AMOUNT + 200_000 });
  });

  it('lets a charge pass that the budget of somebody else, or a soft one, would not', async () => {
    const anna = await client.customer();
    const [rule, userId] = [{ period: 'daily', amount: 10 }, randomUUID()];
    const budgets = [
      { ...rule, scope: 'user', subject: userId },
      { ...rule, scope: 'workspace', mode: 'soft' },
    ];
    expect((await spending.send(anna, 'PUT', 'budgets', { budgets })).status).toBe(200);
    expect((await charge(anna, AMOUNT)).status).toBe(201);
    expect((await charge({ ...anna, userId }, 11)).body['code']).toBe('budget.exceeded');
  });

  it('counts the first hold, though the budget was being made before there were accounts', async () => {
    const anna = makeIdentity();
    const admin = await new DataSource({ type: 'postgres', url: service.database.adminUrl }).initialize();
    // The budget counts what is held, and waits here before it is kept.
    await admin.query(
      `create function billing.wait_here() returns trigger language plpgsql as
       $$ begin perform pg_advisory_xact_lock(4711); return new; end $$`,
    );
    await admin.query(
      `create trigger wait_here before insert on billing.budget_periods for each row execute function billing.wait_here()`,
    );
    const blocking = admin.createQueryRunner();
    await blocking.query('select pg_advisory_lock(4711)');
    const made = put(anna, 2 * AMOUNT);
    const waits = async (query: string): Promise<boolean> =>
      (
        await service.database.query(
          `select 1 from pg_stat_activity where datname = current_database() and usename = 'atrium_billing'
             and wait_event_type = 'Lock' and query like $1`,
          [`%into ${query}%`],
        )
      ).length > 0;
    await eventually(() => waits('budget_periods'));
    const opened = client.register(anna);
    // The opening of the accounts has to wait for the budget: until then nothing can be held.
    await eventually(async () => (await client.hold(anna)).status === 201 || waits('ledger_heads'));
    await blocking.query('select pg_advisory_unlock(4711)');
    await blocking.release();
    await Promise.all([made, opened]);
    await admin.query('drop trigger wait_here on billing.budget_periods');
    await admin.destroy();
    const { status } = await eventually(async () => {
      const answer = await client.hold(anna);
      return answer.status !== 503 && answer;
    });
    expect(status).toBe(201);
    const { held } = await client.balance(anna);
    expect(await budgetOf(anna)).toMatchObject({ reserved: held });
  });

  it('answers an Idempotency-Key alike, whichever way the first answer came', async () => {
    const anna = await client.customer();
    const reference = randomUUID();
    const before = await charge(anna, 10_000, reference, 'key-before');
    await put(anna, 2 * AMOUNT);
    const replayed = await charge(anna, 10_000, reference, 'key-before');
    expect([replayed.status, replayed.text]).toEqual([before.status, before.text]);
    const watched = await charge(anna, 20_000, 'watched', 'key-watched');
    const again = await Promise.all([1, 2].map(() => charge(anna, 20_000, 'watched', 'key-watched')));
    for (const { status, text } of again.filter((one) => one.status !== 409))
      expect([status, text]).toEqual([201, watched.text]);
    expect((await charge(anna, 30_000, 'watched', 'key-watched')).status).toBe(422);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 30_000, held: 0 });
    await spending.send(anna, 'PUT', 'budgets', { budgets: [] });
    expect((await charge(anna, 20_000, 'watched', 'key-watched')).text).toBe(watched.text);
  });
});

describe('a balance that falls on the fast way', () => {
  it('is told to be low once, though many charges come at the same moment', async () => {
    const anna = await client.customer();
    const low = await spending.live(anna, 'billing.balance.low.v1');
    const charges = await Promise.all(Array.from({ length: 44 }, () => charge(anna, 100_000)));
    expect(charges.filter(({ status }) => status === 201)).toHaveLength(44);
    await eventually(async () => low.heard.length > 0);
    await charge(anna, 100_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    low.close();
    expect(low.heard).toEqual([{ balance: 900_000, threshold: 1_000_000, currency: 'USD' }]);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 4_500_000, held: 0 });
    expect(await reconciled(anna)).toBe(true);
  });
});
