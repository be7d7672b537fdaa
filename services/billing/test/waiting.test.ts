import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { service as billing } from '../src/service.ts';
import { createBillingClient, type BillingClient } from './fixtures/billing.client.ts';

let service: ServiceUnderTest;
let client: BillingClient;
let admin: DataSource;
beforeAll(async () => {
  service = await startServiceUnderTest(billing, { DATABASE_POOL: '2' });
  client = createBillingClient(service);
  admin = await new DataSource({ type: 'postgres', url: service.database.adminUrl }).initialize();
});
afterAll(async () => {
  await admin.destroy();
  await service.close();
});

/** Until a request surely waits inside: nothing of it shows from without. */
const ARRIVES_MS = 200;

const hold = async (identity: TestIdentity, signal?: AbortSignal): Promise<number> => {
  const answer = await fetch(`${service.url}/internal/holds`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${service.issuer.token(identity, { actor: 'agent-orchestrator' })}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ reference: randomUUID(), provider: 'openai', model: 'gpt-4o' },
      ...{ maxInputTokens: 1_000, maxOutputTokens: 1_000 },
    }),
    ...(signal ? { signal } : {}),
  });
  return answer.status;
};

/** How many statements with this in them wait for a lock. */
const waitFor = async (text: string): Promise<number> =>
  (
    await service.database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like '%' || $1 || '%'`,
      [text],
    )
  ).length;

it('a client that leaves while the prices are looked up takes nobody with it who waits for the same', async () => {
  const [anna, ben, cleo] = [await client.customer(), await client.customer(), await client.customer()];
  const keeping = admin.createQueryRunner();
  await keeping.startTransaction();
  await keeping.query('lock table billing.prices, billing.workspace_prices in access exclusive mode');
  // They take both connections, so that what comes next waits for one.
  const before = [hold(ben), hold(cleo)];
  await eventually(async () => (await waitFor('prices')) === 2);
  const leaving = new AbortController();
  const gone = hold(anna, leaving.signal).catch(() => 'gone');
  await sleep(ARRIVES_MS);
  const staying = hold(anna);
  await sleep(ARRIVES_MS);
  leaving.abort();
  expect(await gone).toBe('gone');
  await keeping.commitTransaction();
  await keeping.release();
  expect(await Promise.all([...before, staying])).toEqual([201, 201, 201]);
});

it('somebody whose books are locked keeps nobody else waiting', async () => {
  const [anna, ben] = [await client.customer(), await client.customer()];
  const keeping = admin.createQueryRunner();
  await keeping.startTransaction();
  await keeping.query('select from billing.ledger_heads where workspace_id = $1 for update', [anna.workspaceId]);
  const waits = hold(anna);
  await eventually(async () => (await waitFor('ledger_apply')) === 1);
  expect(await hold(ben)).toBe(201);
  expect(await Promise.race([waits, sleep(ARRIVES_MS, 'waits')])).toBe('waits');
  await keeping.commitTransaction();
  await keeping.release();
  expect(await waits).toBe(201);
});
