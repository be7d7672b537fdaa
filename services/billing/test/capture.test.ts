import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually, type TestIdentity } from '@atrium/testing';
import request from 'supertest';
import { useBilling } from './fixtures/billing.fixture.ts';

const AMOUNT = 500_000;
const CREDIT = 5_000_000;

const { service, people: client, spending } = useBilling();

const post = async (identity: TestIdentity, path: string, body: object | undefined, key?: string) => {
  const call = request(service.url)
    .post(`/internal/${path}`)
    .set('authorization', `Bearer ${service.issuer.token(identity, { actor: 'agent-orchestrator' })}`);
  if (key) call.set('idempotency-key', key);
  const answer = await call.send(body);
  return {
    status: answer.status,
    text: answer.text,
    headers: answer.headers as Record<string, string>,
    body: answer.body as Record<string, unknown>,
  };
};
const held = async (identity: TestIdentity): Promise<string> => String((await client.hold(identity)).body['id']);
const reconciled = async (identity: TestIdentity) => (await client.get(identity, 'reconcile')).body;
const settledEvents = (holdId: string) =>
  service.database.query<{ data: unknown }>(
    `select envelope->'data' as data from billing.outbox where type = 'billing.hold.settled.v1' and key = $1`,
    [holdId],
  );

describe('capturing a hold', () => {
  it('takes a part, releases the rest and tells of it', async () => {
    const anna = await client.customer();
    const id = await held(anna);
    const { status, body } = await post(anna, `holds/${id}/capture`, { amount: 200_000 });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id, status: 'captured', amount: AMOUNT, captured: 200_000, remaining: 0 },
    });
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 200_000, held: 0 });
    expect(await settledEvents(id)).toMatchObject([{ data: { holdId: id, captured: 200_000, released: 300_000 } }]);
    expect(await reconciled(anna)).toMatchObject({ reconciled: true });
  });

  it('keeps the rest when asked to, and takes from it again', async () => {
    const anna = await client.customer();
    const id = await held(anna);
    const part = { amount: 100_000, keepRest: true };
    expect((await post(anna, `holds/${id}/capture`, part)).body).toMatchObject({ status: 'open', remaining: 400_000 });
    expect((await post(anna, `holds/${id}/capture`, part)).body).toMatchObject({ status: 'open', captured: 200_000 });
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: 300_000 });
    expect((await post(anna, `holds/${id}/release`, undefined)).body).toMatchObject({
      status: 'captured',
      captured: 200_000,
      remaining: 0,
    });
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 200_000, held: 0 });
    expect(await reconciled(anna)).toMatchObject({ reconciled: true, chain: { intact: true, break: null } });
  });

  it('takes more than was held from the wallet, but refuses what that has not, unless limited', async () => {
    const anna = await client.customer();
    const [first, second] = [await held(anna), await held(anna)];
    expect((await post(anna, `holds/${first}/capture`, { amount: 600_000 })).body).toMatchObject({ captured: 600_000 });
    const refused = await post(anna, `holds/${second}/capture`, { amount: 9_000_000 });
    expect({ status: refused.status, body: refused.body }).toMatchObject({
      status: 402,
      body: { code: 'billing.insufficient_funds', required: 8_500_000, available: 3_900_000, missing: 4_600_000 },
    });
    expect(await client.balance(anna)).toEqual({ available: 3_900_000, held: AMOUNT });
    const limited = await post(anna, `holds/${second}/capture`, { amount: 9_000_000, overCapture: 'limit' });
    expect(limited.body).toMatchObject({ status: 'captured', captured: 4_400_000 });
    expect(await client.balance(anna)).toEqual({ available: 0, held: 0 });
    expect(await reconciled(anna)).toMatchObject({ reconciled: true });
  });

  it('is done once: the same again gives the same, another amount is a conflict', async () => {
    const anna = await client.customer();
    const id = await held(anna);
    const first = await post(anna, `holds/${id}/capture`, { amount: 200_000 });
    expect((await post(anna, `holds/${id}/capture`, { amount: 200_000 })).body).toEqual(first.body);
    const other = await post(anna, `holds/${id}/capture`, { amount: 1 });
    expect({ status: other.status, code: other.body['code'] }).toEqual({ status: 409, code: 'hold.settled' });
    expect((await post(anna, `holds/${id}/release`, undefined)).body).toEqual(first.body);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 200_000, held: 0 });
  });

  it.each([-1, 0.5, Number.MAX_SAFE_INTEGER + 1, '5', null])('refuses the amount %s', async (amount) => {
    const anna = await client.customer();
    const id = await held(anna);
    expect((await post(anna, `holds/${id}/capture`, { amount })).status).toBe(422);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: AMOUNT });
  });

  it('finds no hold of another workspace', async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    const id = await held(anna);
    for (const path of [`holds/${id}/capture`, `holds/${id}/release`]) {
      const { status, body } = await post(bruno, path, path.endsWith('capture') ? { amount: 1 } : undefined);
      expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'hold.not_found' });
    }
    expect((await client.balance(anna)).held).toBe(AMOUNT);
  });
});

describe('releasing a hold', () => {
  it('gives everything back, once', async () => {
    const anna = await client.customer();
    const id = await held(anna);
    const first = await post(anna, `holds/${id}/release`, undefined);
    expect(first.body).toMatchObject({ status: 'released', captured: 0, remaining: 0 });
    expect((await post(anna, `holds/${id}/release`, undefined)).body).toEqual(first.body);
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 0 });
    expect(await settledEvents(id)).toHaveLength(1);
  });

  it('happens by itself when its time is over, in every workspace', async () => {
    const customers = await Promise.all(Array.from({ length: 3 }, () => client.customer()));
    const ids = await Promise.all(customers.map(held));
    await service.database.query(`update billing.holds set expires_at = now() where id = any($1)`, [ids]);
    for (const customer of customers) await eventually(async () => (await client.balance(customer)).held === 0);
    expect(await settledEvents(String(ids[0]))).toEqual([]);
  });
});

describe('a budget that is set late', () => {
  it('counts what was captured and charged before it without a run', async () => {
    const anna = await client.customer();
    await post(anna, `holds/${await held(anna)}/capture`, { amount: 200_000 });
    await post(anna, 'charges', { reference: 'page', amount: 7, description: 'Pages' });
    const rule = { period: 'monthly', amount: 900_000 };
    const { body } = await spending.send(anna, 'PUT', 'budgets', {
      budgets: [
        { ...rule, scope: 'workspace' },
        { ...rule, scope: 'user', subject: anna.userId },
      ],
    });
    const budgets = body['budgets'] as Record<string, unknown>[];
    expect(budgets.map(({ scope, spent }) => [scope, spent])).toEqual([
      ['workspace', 200_007],
      // A charge does not keep for whom it was.
      ['user', 200_000],
    ]);
  });
});

describe('a charge', () => {
  const charge = (reference: string, amount: unknown = 7) => ({ reference, amount, description: 'Pages' });

  it('spends of the wallet once a reference, and answers the same entry', async () => {
    const anna = await client.customer();
    const first = await post(anna, 'charges', charge('page-1'));
    expect({ status: first.status, body: first.body }).toMatchObject({ status: 201, body: { seq: 2, amount: 7 } });
    expect((await post(anna, 'charges', charge('page-1'))).body).toEqual(first.body);
    const other = await post(anna, 'charges', charge('page-1', 8));
    expect({ status: other.status, code: other.body['code'] }).toEqual({
      status: 422,
      code: 'entry.reference_mismatch',
    });
    expect((await client.balance(anna)).available).toBe(CREDIT - 7);
  });

  it.each([0, -1, 1.5, 1e309, 'NaN', Number.MAX_SAFE_INTEGER + 1])('refuses the amount %s', async (amount) => {
    const anna = await client.customer();
    expect((await post(anna, 'charges', charge('bad', amount))).status).toBe(422);
    expect((await client.balance(anna)).available).toBe(CREDIT);
  });

  it('with a key gives 50 at once the same bytes, and books once', async () => {
    const anna = await client.customer();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(anna, 'charges', charge('keyed'), 'one-key')),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(49);
    const other = await post(anna, 'charges', charge('another'), 'one-key');
    expect({ status: other.status, code: other.body['code'] }).toEqual({ status: 422, code: 'idempotency.mismatch' });
    expect((await client.balance(anna)).available).toBe(CREDIT - 7);
  });

  it('that is bad fails alone in a crowd', async () => {
    const anna = await client.customer();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        post(anna, 'charges', charge(randomUUID(), place % 4 === 0 ? CREDIT + 1 : 10)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, at) => (at % 4 === 0 ? 402 : 201)),
    );
    expect((await client.balance(anna)).available).toBe(CREDIT - 300);
    expect(await reconciled(anna)).toMatchObject({ reconciled: true });
  });
});
