import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import request from 'supertest';
import { service as billing } from '../src/service.ts';
import { createBillingClient, type BillingClient } from './fixtures/billing.client.ts';

const CREDIT = 5_000_000;

let service: ServiceUnderTest;
let client: BillingClient;
let anna: TestIdentity;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
  client = createBillingClient(service);
  anna = await client.customer();
  for (const [reference, amount, description] of [
    ['a', 5, '=cmd|calc'],
    ['b', 50, 'plain, with a comma'],
    ['c', 500, '"quoted"'],
  ])
    await request(service.url)
      .post('/internal/charges')
      .set('authorization', `Bearer ${service.issuer.token(anna, { actor: 'document' })}`)
      .send({ reference, amount, description })
      .expect(201);
});
afterAll(() => service.close());

const references = async (query: string) => {
  const { body } = await client.get(anna, `transactions?${query}`);
  return (body['data'] as { reference: string }[]).map(({ reference }) => reference);
};

describe('the journal', () => {
  it.each([
    ['kind=charge', ['c', 'b', 'a']],
    ['kind=grant', ['welcome']],
    ['reference=b', ['b']],
    ['account=granted', ['welcome']],
    ['minAmount=50&maxAmount=500', ['c', 'b']],
    ['account=spent&maxAmount=5', ['a']],
    [`from=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`, []],
    [`to=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`, ['c', 'b', 'a', 'welcome']],
  ])('filters by %s', async (query, expected) => {
    expect(await references(query)).toEqual(expected);
  });

  it('comes as CSV, a line a posting, without formulas', async () => {
    const { text, headers } = await request(service.url)
      .get('/api/v1/billing/transactions?kind=charge')
      .set('accept', 'text/csv')
      .set('authorization', `Bearer ${service.issuer.token(anna)}`);
    expect(headers['content-type']).toContain('text/csv');
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe('seq,id,kind,reference,description,account,amount,currency,created_at');
    expect(lines[1]).toMatch(/^4,[\w-]+,charge,c,"""quoted""",wallet,-500,USD,/);
    expect(lines[6]).toMatch(/^2,[\w-]+,charge,a,'=cmd\|calc,spent,5,USD,/);
  });

  it('has accounts with the side they keep to', async () => {
    expect((await client.get(anna, 'accounts')).body).toEqual({
      data: [
        { kind: 'granted', side: 'source', currency: 'USD', balance: -CREDIT },
        { kind: 'wallet', side: 'store', currency: 'USD', balance: CREDIT - 555 },
        { kind: 'held', side: 'store', currency: 'USD', balance: 0 },
        { kind: 'spent', side: 'store', currency: 'USD', balance: 555 },
        { kind: 'paid', side: 'source', currency: 'USD', balance: 0 },
        { kind: 'owed', side: 'source', currency: 'USD', balance: 0 },
        { kind: 'fees', side: 'store', currency: 'USD', balance: 0 },
        { kind: 'taxes', side: 'store', currency: 'USD', balance: 0 },
      ],
    });
  });
});

describe('the reconciliation', () => {
  it('explains what has no usage record, and finds nothing else', async () => {
    const { body } = await client.get(anna, 'reconcile');
    expect(body).toMatchObject({ reconciled: true, chain: { intact: true, entries: 4, break: null } });
    expect(body['checks']).toContainEqual({
      name: 'spent_equals_usage',
      expected: 0,
      actual: 555,
      explained: 555,
      drift: 0,
      reason: expect.stringContaining('no usage record'),
    });
  });

  it.each<[string, string, string]>([
    [
      'an entry that was changed',
      `update billing.entries set description = 'x' where workspace_id = $1 and seq = 2`,
      'changed',
    ],
    [
      'a posting that was moved',
      `update billing.postings p set amount = p.amount * 2 from billing.entries e
       where e.id = p.entry_id and e.workspace_id = $1 and e.seq = 2`,
      'changed',
    ],
    [
      'a link that was taken out',
      `delete from billing.ledger_batches where workspace_id = $1 and to_seq = 2`,
      'missing',
    ],
    ['a head that was set back', `update billing.ledger_heads set seq = seq - 1 where workspace_id = $1`, 'cut_off'],
  ])('finds %s', async (_name, tamper, problem) => {
    const bruno = await client.customer();
    for (let times = 0; times < 2; times += 1) await client.hold(bruno, { reference: randomUUID() });
    const tables = ['entries', 'postings', 'ledger_batches'];
    for (const table of tables) await service.database.query(`alter table billing.${table} disable trigger user`);
    try {
      await service.database.query(tamper, [bruno.workspaceId]);
    } finally {
      for (const table of tables) await service.database.query(`alter table billing.${table} enable trigger user`);
    }
    expect((await client.get(bruno, 'reconcile')).body).toMatchObject({
      reconciled: false,
      chain: { intact: false, break: { problem } },
    });
  });
});
