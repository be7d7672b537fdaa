import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually, type TestIdentity } from '@atrium/testing';
import { useBilling } from './fixtures/billing.fixture.ts';

// A hold of the client's default size sets 500 000 micro-units aside.
const AMOUNT = 500_000;
const CREDIT = 5_000_000;

const { people: client, spending } = useBilling();

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
