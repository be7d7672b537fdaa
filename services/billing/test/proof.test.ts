import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  postTo,
  proveAborts,
  proveBank,
  startServiceUnderTest,
  type BankDoor,
  type ServiceUnderTest,
} from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';

/** The long forms: BANK_OPERATIONS=200000 and ABORT_RUNS=1000; PROOF_SEED repeats a run. */
const operations = Number(process.env['BANK_OPERATIONS'] ?? 2_000);
const runs = Number(process.env['ABORT_RUNS'] ?? 60);
const seed = Number(process.env['PROOF_SEED'] ?? Date.now() % 2 ** 31);
const CREDIT = 5_000_000;

let service: ServiceUnderTest;
let door: BankDoor;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  const client = createBillingClient(service);
  door = {
    credit: CREDIT,
    post: postTo(service.url),
    query: (sql, parameters) => service.database.query(sql, parameters),
    async open() {
      const identity = await client.customer();
      const token = service.issuer.token(identity, { actor: 'agent-orchestrator', expiresIn: 7_200 });
      return { workspaceId: identity.workspaceId, token };
    },
  };
});
afterAll(() => service.close());

it(`${operations} operations of 32 clients leave no anomaly`, async () => {
  const result = await proveBank(door, { clients: 32, operations, workspaces: 4, seed });
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result).toMatchObject({ figure: 0, pass: true });
}, 1_800_000);

it(`${runs} runs with random aborts leave every hold settled and nothing drifted`, async () => {
  const [name] = await service.database.query<{ name: string }>('select current_database() as name');
  const cut = async (): Promise<void> => {
    await service.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'atrium_billing'`,
      [name?.name],
    );
  };
  const result = await proveAborts(door, { runs, seed, cut });
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result).toMatchObject({ figure: 0, pass: true });
}, 1_800_000);
