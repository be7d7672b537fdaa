import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findIsolationGaps } from '@atrium/service-kit';
import { startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';
import { createSpendingClient } from './fixtures/spending.client.ts';

let service: ServiceUnderTest;
let asService: DataSource;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  asService = await new DataSource({
    type: 'postgres',
    url: service.database.urlOf('billing'),
    extra: { max: 2, options: '-c search_path=billing,public' },
  }).initialize();
  const client = createBillingClient(service);
  const spending = createSpendingClient(service);
  const anna = await client.customer();
  const rule = { enabled: false, threshold: 1, amount: 1, mostPerDay: 1, mostPerMonth: 1 };
  await spending.send(anna, 'PUT', 'auto-top-up', rule);
  await spending.send(anna, 'PUT', 'subscription', { plan: 'pro' });
  await spending.send(anna, 'POST', 'prices/import', { csv: 'provider,model,unit,price\na,b,page,1' });
  await spending.send(anna, 'PUT', 'budgets', {
    budgets: [{ scope: 'workspace', period: 'daily', amount: 9_000_000 }],
  });
  await client.hold(anna);
});
afterAll(async () => {
  await asService.destroy();
  await service.close();
});

const tables = [
  ...['workspace_prices', 'spending_settings', 'budgets', 'budget_periods', 'budget_reservations'],
  ...['top_up_rules', 'credits', 'subscriptions'],
];

it.each(tables)('%s has rows, and shows none of them without a workspace', async (table) => {
  expect((await service.database.query(`select 1 from billing.${table} limit 1`)).length).toBe(1);
  expect(await asService.query(`select * from ${table}`)).toEqual([]);
});

it('leaves no table open', async () => {
  expect(await findIsolationGaps(asService, 'billing', billing.shared)).toEqual([]);
});

it.each(['delete from credits', 'update usage_records set cost = 0', 'delete from usage_records'])(
  'does not forget: %s',
  async (sql) => {
    await expect(asService.query(sql)).rejects.toThrow('permission denied');
  },
);
