import { randomUUID } from 'node:crypto';
import { RunCompleted, RunFailed } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import { eventually, type TestIdentity } from '@atrium/testing';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const CREDIT = 5_000_000;
const AMOUNT = 500_000;
const COST = 200_000;

const { service, people: client } = useBilling();

const settledEvents = async (holdId: string) =>
  (
    await service.database.query<{ key: string; data: unknown }>(
      `select key, envelope->'data' as data from billing.outbox
       where type = 'billing.hold.settled.v1' and envelope->'data'->>'holdId' = $1`,
      [holdId],
    )
  ).map(({ key, data }) => ({ key, data }));
const holdOf = async (holdId: string) =>
  (
    await service.database.query<{ status: string; captured: string }>(
      `select status, captured from billing.holds where id = $1`,
      [holdId],
    )
  )[0];
const usageOf = async (identity: TestIdentity) =>
  (await client.get(identity, 'usage')).body['data'] as Record<string, unknown>[];
const place = async (identity: TestIdentity, reference: string = randomUUID()) => {
  const { body } = await client.hold(identity, { reference });
  return { holdId: String(body['id']), reference };
};

describe('a run that completed', () => {
  it('captures what it used, releases the rest, records the usage and tells of it', async () => {
    const anna = await client.customer();
    const { holdId, reference } = await place(anna);
    const run = endedRun({ holdId });
    await client.handled(RunCompleted, anna.workspaceId, run);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST, held: 0 });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
    expect(await holdOf(holdId)).toEqual({ status: 'captured', captured: String(COST) });
    expect(await settledEvents(holdId)).toEqual([
      { key: holdId, data: { holdId, reference, captured: COST, released: AMOUNT - COST, currency: 'USD' } },
    ]);
    expect(await usageOf(anna)).toEqual([
      {
        id: expect.any(String),
        runId: run.runId,
        holdId,
        conversationId: run.conversationId,
        agentId: run.agentId,
        provider: 'openai',
        model: 'gpt-4o-2024-08-06',
        inputTokens: 40_000,
        cachedInputTokens: 0,
        outputTokens: 10_000,
        ...{ documentId: null, userId: anna.userId, apiKeyId: null, tags: {}, unit: 'tokens', quantity: 0 },
        estimated: false,
        price: { listedAs: 'openai/gpt-4o', input: 2_500_000, cachedInput: 1_250_000, output: 10_000_000, unit: 0 },
        cost: COST,
        charged: COST,
        currency: 'USD',
        createdAt: expect.any(String),
      },
    ]);
  });

  it('is settled once, however often it is told of', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    const run = endedRun({ holdId });
    for (let times = 0; times < 3; times += 1) await client.handled(RunCompleted, anna.workspaceId, run);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST, held: 0 });
    expect(await usageOf(anna)).toHaveLength(1);
    expect(await settledEvents(holdId)).toHaveLength(1);
  });

  it('that cost more than its hold takes the rest from the wallet', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId, inputTokens: 400_000 }));
    expect(await client.balance(anna)).toEqual({ available: CREDIT - 1_100_000, held: 0 });
    expect(await settledEvents(holdId)).toMatchObject([{ data: { captured: 1_100_000, released: 0 } }]);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('that cost more than there is takes everything, and the record says what is missing', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId, inputTokens: 4_000_000 }));
    expect(await client.balance(anna)).toEqual({ available: 0, held: 0 });
    expect(await usageOf(anna)).toMatchObject([{ cost: 10_100_000, charged: CREDIT }]);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('leaves the holds of other runs alone', async () => {
    const anna = await client.customer();
    const [first] = [await place(anna), await place(anna)];
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: first.holdId }));
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST - AMOUNT, held: AMOUNT });
  });

  it('after its hold expired is paid by the wallet', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    await service.database.query(`update billing.holds set expires_at = now() where id = $1`, [holdId]);
    await eventually(async () => (await holdOf(holdId))?.status === 'expired');
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId }));
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST, held: 0 });
    expect(await holdOf(holdId)).toEqual({ status: 'captured', captured: String(COST) });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });
});

describe('a run that failed', () => {
  const failed = (run: ReturnType<typeof endedRun>) => ({ ...run, outcome: 'failed' as const, code: 'x', reason: 'y' });

  it('pays for what it used', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    await client.handled(RunFailed, anna.workspaceId, failed(endedRun({ holdId })));
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST, held: 0 });
  });

  it('and used nothing gets everything back', async () => {
    const anna = await client.customer();
    const { holdId } = await place(anna);
    await client.handled(RunFailed, anna.workspaceId, failed(endedRun({ holdId, unused: true })));
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 0 });
    expect(await holdOf(holdId)).toEqual({ status: 'released', captured: '0' });
    expect(await settledEvents(holdId)).toMatchObject([{ data: { captured: 0, released: AMOUNT } }]);
  });

  it('before it learned of its hold gets it back by its own id', async () => {
    const anna = await client.customer();
    const runId = randomUUID();
    const { holdId } = await place(anna, runId);
    await client.handled(RunFailed, anna.workspaceId, failed(endedRun({ runId, unused: true })));
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 0 });
    expect(await holdOf(holdId)).toMatchObject({ status: 'released' });
  });
});

describe('a run without a hold', () => {
  it('that used nothing costs nothing', async () => {
    const anna = await client.customer();
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ unused: true }));
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 0 });
    expect(await usageOf(anna)).toEqual([]);
  });

  it('is paid by the wallet, once', async () => {
    const anna = await client.customer();
    const run = endedRun();
    await client.handled(RunCompleted, anna.workspaceId, run);
    await client.handled(RunCompleted, anna.workspaceId, run);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - COST, held: 0 });
    expect(await usageOf(anna)).toMatchObject([{ holdId: null, charged: COST }]);
  });

  it("cannot settle another workspace's hold", async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    const { holdId } = await place(anna);
    await client.handled(RunCompleted, bruno.workspaceId, endedRun({ holdId }));
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: AMOUNT });
    expect(await client.balance(bruno)).toEqual({ available: CREDIT - COST, held: 0 });
    expect(await usageOf(bruno)).toMatchObject([{ holdId: null, charged: COST }]);
  });

  it('in a workspace that is not known yet is recorded and paid by nobody', async () => {
    const workspaceId = randomUUID();
    await client.handled(RunCompleted, workspaceId, endedRun());
    const [row] = await service.database.query<{ cost: string; charged: string }>(
      `select cost, charged from billing.usage_records where workspace_id = $1`,
      [workspaceId],
    );
    expect(row).toEqual({ cost: String(COST), charged: '0' });
  });
});

it('many runs of many workspaces that end at once are all settled, and every book is right', async () => {
  const customers = await Promise.all(Array.from({ length: 4 }, () => client.customer()));
  await Promise.all(
    customers.flatMap((customer) =>
      Array.from({ length: 5 }, async () => {
        const { holdId } = await place(customer);
        await client.handled(RunCompleted, customer.workspaceId, endedRun({ holdId }));
      }),
    ),
  );
  for (const customer of customers) {
    expect(await client.balance(customer)).toEqual({ available: CREDIT - 5 * COST, held: 0 });
    expect(await client.proof(customer)).toEqual({ balanced: true, total: 0 });
  }
});
