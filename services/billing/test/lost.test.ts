import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningService } from '@atrium/service-kit';
import { eventually, startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { service as billing } from '../src/service.ts';
import { createBillingClient, type BillingClient } from './fixtures/billing.client.ts';
import { startCutLine, type CutLine } from './fixtures/cut.line.ts';

const CREDIT = 5_000_000;

let service: ServiceUnderTest;
let client: BillingClient;
let line: CutLine;
let running: RunningService;
let anna: TestIdentity;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  client = createBillingClient(service);
  line = await startCutLine(service.database.urlOf('billing'));
  running = await service.startAgain({ DATABASE_URL: line.url });
});
afterAll(async () => {
  await service.close();
  await line.close();
});

const post = async (path: string, body: unknown, key?: string) => {
  const answer = await fetch(`${running.url}/internal/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${service.issuer.token(anna, { actor: 'agent-orchestrator' })}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
};
const charge = (key: string, reference: string = randomUUID()) =>
  post('charges', { reference, amount: 7, description: 'lost' }, key);

const booked = async (): Promise<Record<string, number>> => {
  const [row] = await service.database.query<Record<string, number>>(
    `select (select count(*) from billing.entries where workspace_id = $1 and kind = 'charge')::int as charges,
       (select count(*) from billing.idempotency_keys where workspace_id = $1)::int as keys,
       (select balance from billing.accounts where workspace_id = $1 and kind = 'wallet')::int as wallet`,
    [anna.workspaceId],
  );
  return { ...row };
};

describe('a batch whose connection is lost', () => {
  const COUNT = 24;
  const expectAllOnce = async (answers: readonly { status: number }[]): Promise<void> => {
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: COUNT }, () => 201));
    expect(await booked()).toEqual({ charges: COUNT, keys: COUNT, wallet: CREDIT - COUNT * 7 });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  };

  it.each([1, 2])('after its commit, %i times, answers each command once, with what was booked', async (times) => {
    anna = await client.customer();
    line.cutReplies('"verb":"charge"', times);
    const keys = Array.from({ length: COUNT }, () => ({ key: randomUUID(), reference: randomUUID() }));
    const answers = await Promise.all(keys.map(({ key, reference }) => charge(key, reference)));
    expect(line.cuts()).toBe(times);
    await expectAllOnce(answers);
    const again = await Promise.all(keys.map(({ key, reference }) => charge(key, reference)));
    expect(again.map(({ text }) => text)).toEqual(answers.map(({ text }) => text));
  });

  it('before its commit, because its backend was terminated, is carried out all the same', async () => {
    anna = await client.customer();
    const admin = await new DataSource({ type: 'postgres', url: service.database.adminUrl }).initialize();
    const holding = admin.createQueryRunner();
    await holding.startTransaction();
    await holding.query('select from billing.ledger_heads where workspace_id = $1 for update', [anna.workspaceId]);
    const answering = Promise.all(Array.from({ length: COUNT }, () => charge(randomUUID())));
    const waiting = `from pg_stat_activity where usename = 'atrium_billing' and datname = current_database()
      and wait_event_type = 'Lock' and query like '%ledger_apply%'`;
    await eventually(async () => (await service.database.query(`select 1 ${waiting}`)).length > 0);
    const ended = await service.database.query(`select pg_terminate_backend(pid) ${waiting}`);
    await holding.commitTransaction();
    await holding.release();
    await admin.destroy();
    expect(ended.length).toBeGreaterThan(0);
    await expectAllOnce(await answering);
  });

  it('refuses what nothing tells apart from a second one, and carries it out at most once', async () => {
    anna = await client.customer();
    const { body } = await client.hold(anna);
    const capture = (key?: string) => post(`holds/${String(body['id'])}/capture`, { amount: 100, keepRest: true }, key);
    line.cutReplies('"verb":"capture"', 1);
    expect((await capture()).status).toBe(503);
    line.cutReplies('"verb":"capture"', 1);
    expect((await capture(randomUUID())).status).toBe(200);
    expect(line.cuts()).toBe(1);
    const captured = await service.database.query(`select captured::int from billing.holds where id = $1`, [
      body['id'],
    ]);
    expect(captured).toEqual([{ captured: 200 }]);
  });
});
