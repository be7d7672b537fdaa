import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findIsolationGaps } from '@atrium/service-kit';
import { startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';

let service: ServiceUnderTest;
let asService: DataSource;
let anna: TestIdentity;
let bruno: TestIdentity;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  asService = await new DataSource({
    type: 'postgres',
    url: service.database.urlOf('billing'),
    extra: { max: 2, options: '-c search_path=billing,public' },
  }).initialize();
  const client = createBillingClient(service);
  [anna, bruno] = [await client.customer(), await client.customer()];
  await client.hold(anna);
});
afterAll(async () => {
  await asService.destroy();
  await service.close();
});

const enter = (manager: EntityManager, { workspaceId }: TestIdentity) =>
  manager.query(`select set_config('app.workspace_id', $1, true)`, [workspaceId]);
const as = (identity: TestIdentity, work: (manager: EntityManager) => Promise<unknown>) =>
  asService.transaction(async (manager) => {
    await enter(manager, identity);
    return work(manager);
  });

/** Books an entry behind the program's back. */
const book = (manager: EntityManager, { workspaceId }: TestIdentity, amounts: Record<string, number>) =>
  manager.query(
    `with entry as (
       insert into entries (id, workspace_id, seq, kind, reference, description, created_at)
       values ($1::uuid, $2, (select coalesce(max(seq), 0) + 1 from entries where workspace_id = $2), 'grant', $1::text, '', now())
     ) insert into postings (workspace_id, entry_id, account_id, amount)
       select $2, $1, a.id, given.amount from accounts a
       join unnest($3::text[], $4::bigint[]) as given (kind, amount) on given.kind = a.kind where a.workspace_id = $2`,
    [randomUUID(), workspaceId, Object.keys(amounts), Object.values(amounts)],
  );

describe('isolation', () => {
  it('leaves no table open', async () => {
    expect(await findIsolationGaps(asService, 'billing', billing.shared)).toEqual([]);
  });

  it.each(['accounts', 'entries', 'postings', 'ledger_heads', 'ledger_batches', 'holds', 'usage_records'])(
    '%s shows nothing without a workspace',
    async (table) => {
      expect(await asService.query(`select * from ${table}`)).toEqual([]);
    },
  );

  it('shows the entries of the workspace that was entered, and cannot write into another', async () => {
    expect(await as(anna, (manager) => manager.query(`select distinct workspace_id from entries`))).toEqual([
      { workspace_id: anna.workspaceId },
    ]);
    await expect(as(anna, (manager) => book(manager, bruno, { granted: -1, wallet: 1 }))).rejects.toThrow(
      'row-level security',
    );
  });
});

describe('the books', () => {
  const own = (amounts: Record<string, number>) => as(anna, (manager) => book(manager, anna, amounts));

  it('take an entry that sums to zero, and the balances follow', async () => {
    const wallet = () =>
      as(anna, (manager) => manager.query(`select balance from accounts where kind = 'wallet'`)) as Promise<
        { balance: string }[]
      >;
    const [before] = await wallet();
    await own({ granted: -7, wallet: 7 });
    const [after] = await wallet();
    expect(BigInt(after?.balance ?? 0) - BigInt(before?.balance ?? 0)).toBe(7n);
  });

  it.each<[string, Record<string, number>, string]>([
    ['does not sum to zero', { granted: -7, wallet: 8 }, 'sums to 1'],
    ['has no postings', {}, 'over 0 postings'],
    ['overdraws the wallet', { wallet: -9_000_000, spent: 9_000_000 }, 'accounts_not_overdrawn'],
    ['releases more than is held', { held: -9_000_000, wallet: 9_000_000 }, 'accounts_not_overdrawn'],
    ['makes the source of money owe', { granted: 9_000_000, spent: -9_000_000 }, 'accounts_not_overdrawn'],
  ])('refuse an entry that %s', async (_name, amounts, message) => {
    await expect(own(amounts)).rejects.toThrow(message);
  });

  it('check each entry in its own workspace, when a transaction goes through several', async () => {
    const through = (amounts: Record<string, number>) =>
      as(anna, async (manager) => {
        await book(manager, anna, amounts);
        await enter(manager, bruno);
        await book(manager, bruno, { granted: -1, wallet: 1 });
      });
    await expect(through({ granted: -1, wallet: 1 })).resolves.toBeUndefined();
    await expect(through({ granted: -1, wallet: 2 })).rejects.toThrow('sums to 1');
  });

  it('refuse an entry whose postings come in another statement', async () => {
    await expect(
      as(anna, (manager) =>
        manager.query(
          `insert into entries (id, workspace_id, seq, kind, reference, description, created_at)
           values (gen_random_uuid(), $1, 99, 'grant', 'bare', '', now())`,
          [anna.workspaceId],
        ),
      ),
    ).rejects.toThrow('over 0 postings');
  });

  it('refuse postings without an entry, and to accounts of others', async () => {
    const insert = (entry: string, account: string) =>
      as(anna, (manager) =>
        manager.query(
          `insert into postings (workspace_id, entry_id, account_id, amount)
           select $1, ${entry}, ${account}, amount from unnest(array[-1, 1]) with ordinality as given (amount, place)`,
          [anna.workspaceId],
        ),
      );
    const account = `(select id from accounts order by kind offset place limit 1)`;
    await expect(insert('gen_random_uuid()', account)).rejects.toThrow();
    await expect(insert(`'${randomUUID()}'`, account)).rejects.toThrow('no entry');
    await expect(insert(`(select id from entries limit 1)`, 'gen_random_uuid()')).rejects.toThrow('0 accounts');
  });

  it('refuse a posting that is added to an older entry', async () => {
    await expect(
      as(anna, (manager) =>
        manager.query(
          `insert into postings (workspace_id, entry_id, account_id, amount)
           select e.workspace_id, e.id, a.id, 5 from entries e, accounts a where e.kind = 'hold' and a.kind = 'spent'`,
        ),
      ),
    ).rejects.toThrow('sums to 5');
  });

  it.each([
    'update entries set description = description',
    'delete from entries',
    'update postings set amount = amount',
    'delete from postings',
    'delete from accounts',
    'delete from holds',
    'update ledger_batches set hash = hash',
    'delete from ledger_heads',
    'update usage_records set charged = 0',
    'update prices set per_million = 0',
    `insert into prices values ('*', '*', 'input', 0, now())`,
    'truncate postings',
  ])('are not changed by the service: %s', async (sql) => {
    await expect(as(anna, (manager) => manager.query(sql))).rejects.toThrow('permission denied');
  });

  it.each([
    'update billing.entries set description = description',
    'delete from billing.postings',
    'truncate billing.postings',
    'delete from billing.ledger_batches',
  ])('are not changed by the administrator either: %s', async (sql) => {
    await expect(service.database.query(sql)).rejects.toThrow('are never changed');
  });
});
