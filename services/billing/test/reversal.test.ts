import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase, createLogger, newId, type Tenant } from '@atrium/service-kit';
import { startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import type { DataSource } from 'typeorm';
import { applyOrder } from '../src/ledger/ledger.apply.ts';
import { AccountEntity, EntryEntity } from '../src/ledger/ledger.entity.ts';
import { chargeEntry, grantEntry } from '../src/ledger/ledger.ts';
import { createLedgerService, type LedgerService } from '../src/ledger/ledger.service.ts';
import { createLedgerStore } from '../src/ledger/ledger.store.ts';
import { verifyLedger } from '../src/ledger/verify.store.ts';
import { service as billing } from '../src/service.ts';

const now = (): Date => new Date();
let service: ServiceUnderTest;
let db: DataSource;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  const log = createLogger({ service: 'billing', level: 'silent' });
  const entities = [AccountEntity, EntryEntity];
  db = await openDatabase({ url: service.database.urlOf('billing'), schema: 'billing', pool: 2, entities, log });
});
afterAll(async () => {
  await db.destroy();
  await service.close();
});

/** A piece of work on the books, as another feature does it in its transaction. */
const run = <Result>(tenant: Tenant, work: (ledger: LedgerService) => Promise<Result>): Promise<Result> =>
  db.transaction(async (manager) => {
    await manager.query(`select set_config('app.workspace_id', $1, true)`, [tenant.workspaceId]);
    const ledger = createLedgerStore(manager, tenant);
    const apply = (order: Parameters<typeof applyOrder>[1]) => applyOrder(manager, order, { now, newId });
    return work(createLedgerService({ tenant, ledger, apply, now, newId }));
  });
const booked = async (tenant: Tenant, amount: bigint): Promise<string> => {
  const reference = randomUUID();
  await run(tenant, async (ledger) => ledger.post(await ledger.openAndLock(), grantEntry(reference, amount, 'Credit')));
  const [row] = await service.database.query<{ id: string }>('select id from billing.entries where reference = $1', [
    reference,
  ]);
  return String(row?.id);
};

describe('reversing an entry', () => {
  it('books the same amounts the other way, once', async () => {
    const tenant = { workspaceId: randomUUID() };
    const id = await booked(tenant, 100n);
    const books = await run(tenant, (ledger) => ledger.reverseEntry(id, 'By mistake'));
    expect(books).toMatchObject({ granted: 0n, wallet: 0n });
    await expect(run(tenant, (ledger) => ledger.reverseEntry(id, 'Again'))).rejects.toMatchObject({
      code: 'entry.already_reversed',
    });
  });

  it('by several at once happens once', async () => {
    const tenant = { workspaceId: randomUUID() };
    const id = await booked(tenant, 100n);
    const ends = await Promise.allSettled(
      Array.from({ length: 8 }, () => run(tenant, (ledger) => ledger.reverseEntry(id, 'At once'))),
    );
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused when its money is spent, when it is a reversal, and when it is not here', async () => {
    const tenant = { workspaceId: randomUUID() };
    const id = await booked(tenant, 100n);
    await run(tenant, async (ledger) => ledger.post(await ledger.openAndLock(), chargeEntry('r', 60n, 'Spent')));
    await expect(run(tenant, (ledger) => ledger.reverseEntry(id, 'Late'))).rejects.toMatchObject({
      code: 'billing.insufficient_funds',
      extra: { required: 100, available: 40, missing: 60 },
    });
    const [charge] = await service.database.query<{ id: string }>(
      `select id from billing.entries where workspace_id = $1 and kind = 'charge'`,
      [tenant.workspaceId],
    );
    await run(tenant, (ledger) => ledger.reverseEntry(String(charge?.id), 'Given back'));
    const [reversal] = await service.database.query<{ id: string }>(
      `select id from billing.entries where workspace_id = $1 and kind = 'reversal'`,
      [tenant.workspaceId],
    );
    await expect(run(tenant, (ledger) => ledger.reverseEntry(String(reversal?.id), ''))).rejects.toMatchObject({
      code: 'entry.not_reversible',
    });
    await expect(run({ workspaceId: randomUUID() }, (ledger) => ledger.reverseEntry(id, ''))).rejects.toMatchObject({
      status: 404,
    });
  });

  it('leaves books that an operator can verify', async () => {
    const report = await verifyLedger({ adminUrl: service.database.adminUrl });
    expect(report).toMatchObject({ breaks: [], unbalanced: [] });
    expect(report.entries).toBeGreaterThan(5);
  });
});
