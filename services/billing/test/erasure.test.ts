import { expect, it } from '@jest/globals';
import { UserRegistered } from '@atrium/contracts';
import { findErasureGaps } from '@atrium/service-kit';
import { erasedPart, requestErasure } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const { service, people: client } = useBilling();

it('names every table', async () => {
  expect(await findErasureGaps(service.database, 'billing', billing.erasure)).toEqual([]);
});

it('keeps the books of an erased workspace, says so with a reason, and still balances', async () => {
  const customer = await client.customer();
  const { userId, workspaceId } = customer;
  const held = await client.hold(customer, {}, { actor: 'agent-orchestrator', key: 'a-key' });
  expect(held.status).toBeLessThan(300);
  const erasureId = await requestErasure(billing, service, { userId, workspaces: [workspaceId] });
  const { report, erased, retained } = await erasedPart(billing, service, erasureId);
  expect(retained).toMatchObject({ ledger_entries: 2, ledger_postings: 4, holds: 1 });
  expect(report.retained.every(({ reason }) => reason.includes('never changed'))).toBe(true);
  expect(erased).toMatchObject({ idempotency_keys: 1 });
  const tables = ['accounts', 'entries', 'postings', 'holds', 'usage_records', 'idempotency_keys', 'jobs', 'outbox'];
  for (const table of tables)
    expect(
      JSON.stringify(await service.database.query(`select to_jsonb(t) as row from billing.${table} t`)),
    ).not.toMatch(userId);
  const [sum] = await service.database.query<{ sum: string }>(
    'select sum(amount) from billing.postings where workspace_id = $1',
    [workspaceId],
  );
  expect(sum).toEqual({ sum: '0' });
});

it('brings nothing back when an old event of an erased workspace comes late', async () => {
  const { userId, workspaceId } = await client.customer();
  const erasureId = await requestErasure(billing, service, { userId, workspaces: [workspaceId] });
  const { retained } = await erasedPart(billing, service, erasureId);
  const late = { userId, email: 'late@example.com', name: 'Late', locale: 'en', timeZone: 'UTC' };
  await client.handled(UserRegistered, workspaceId, { ...late, workspaceId });
  const [entries] = await service.database.query<{ count: number }>(
    'select count(*)::int as count from billing.entries where workspace_id = $1',
    [workspaceId],
  );
  expect(entries?.count).toBe(retained['ledger_entries']);
});
