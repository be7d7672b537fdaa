import { randomUUID } from 'node:crypto';
import { RunCompleted } from '@atrium/contracts';
import { expect, it } from '@jest/globals';
import { erasedPart, requestErasure } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const { service, people: client, spending } = useBilling();

const named = ['holds', 'usage_records', 'workspace_prices', 'budgets'];
const rowsOf = async (tables: readonly string[], workspaceId: string): Promise<string> => {
  const found = [];
  for (const table of tables)
    found.push(
      ...(await service.database.query(`select to_jsonb(t) as row from billing.${table} t where workspace_id = $1`, [
        workspaceId,
      ])),
    );
  return JSON.stringify(found);
};

it('forgets a person in a workspace that goes on, and keeps what others spent and what it all cost', async () => {
  const anna = await client.customer();
  const bruno = { ...anna, userId: randomUUID(), role: 'admin' as const };
  await spending.send(bruno, 'POST', 'prices/import', { csv: 'provider,model,unit,price\na,b,page,1' });
  const budget = { period: 'monthly', amount: 4_000_000 };
  await spending.send(anna, 'PUT', 'budgets', {
    budgets: [
      { ...budget, scope: 'workspace' },
      { ...budget, scope: 'user', subject: bruno.userId },
    ],
  });
  for (const one of [anna, bruno]) {
    const { body } = await client.hold(one, { tags: { client: 'acme' } });
    await client.handled(RunCompleted, one.workspaceId, endedRun({ holdId: String(body['id']) }));
  }
  expect(await rowsOf(named, anna.workspaceId)).toContain(bruno.userId);
  const erasureId = await requestErasure(billing, service, { userId: bruno.userId, shared: [anna.workspaceId] });
  await erasedPart(billing, service, erasureId);
  expect(await rowsOf(named, anna.workspaceId)).not.toContain(bruno.userId);
  const users = await spending.data(anna, 'usage?groupBy=user');
  expect(users.map(({ group, cost }) => [(group as { user: string | null }).user, cost])).toEqual([
    [null, 200_000],
    [anna.userId, 200_000],
  ]);
  expect((await spending.send(anna, 'GET', 'budgets')).body['budgets']).toMatchObject([
    { scope: 'workspace', spent: 400_000 },
  ]);
});

it('keeps of a workspace that goes what was booked, without what people wrote on it', async () => {
  const anna = await client.customer();
  const { body } = await client.hold(anna, { tags: { client: 'a secret customer' } });
  await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(body['id']) }));
  await spending.send(anna, 'PUT', 'subscription', { plan: 'pro' });
  const erasureId = await requestErasure(billing, service, { userId: anna.userId, workspaces: [anna.workspaceId] });
  const { retained } = await erasedPart(billing, service, erasureId);
  expect(retained).toMatchObject({ usage_records: 1 });
  const kept = await rowsOf([...named, 'credits', 'subscriptions', 'spending_settings'], anna.workspaceId);
  expect(kept).not.toContain('a secret customer');
  expect(kept).not.toContain(anna.userId);
});
