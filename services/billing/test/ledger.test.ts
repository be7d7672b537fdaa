import { randomUUID } from 'node:crypto';
import { RunCompleted, WorkspaceCreated } from '@atrium/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import request from 'supertest';
import { service as billing } from '../src/service.ts';
import { createBillingClient, endedRun, type BillingClient } from './fixtures/billing.client.ts';

let service: ServiceUnderTest;
let client: BillingClient;
beforeAll(async () => {
  service = await startServiceUnderTest(billing, { WELCOME_CREDIT: '1000000' });
  client = createBillingClient(service);
});
afterAll(() => service.close());

interface Transaction {
  id: string;
  seq: number;
  kind: string;
  reference: string;
  postings: { account: string; amount: number }[];
}
interface Page {
  data: Transaction[];
  page: { nextCursor: string | null; hasMore: boolean };
}

describe('a new workspace', () => {
  it('gets its accounts and its welcome credit once, however often its user is told of', async () => {
    const anna = makeIdentity();
    await client.register(anna);
    await client.register(anna);
    expect((await client.get(anna, 'balance')).body).toEqual({ currency: 'USD', available: 1_000_000, held: 0 });
    expect((await client.get(anna, 'trial-balance')).body).toEqual({
      balanced: true,
      total: 0,
      accounts: [
        { kind: 'granted', balance: -1_000_000, postings: -1_000_000 },
        { kind: 'wallet', balance: 1_000_000, postings: 1_000_000 },
        { kind: 'held', balance: 0, postings: 0 },
        ...['spent', 'paid', 'owed', 'fees', 'taxes'].map((kind) => ({ kind, balance: 0, postings: 0 })),
      ],
    });
  });

  it('that somebody opens later gets its accounts, but no credit', async () => {
    const { userId: ownerId, workspaceId, ...anna } = makeIdentity();
    await client.handled(WorkspaceCreated, workspaceId, { workspaceId, ownerId, name: 'Second', timeZone: 'UTC' });
    const identity = { ...anna, userId: ownerId, workspaceId };
    expect((await client.get(identity, 'balance')).body).toEqual({ currency: 'USD', available: 0, held: 0 });
    const { accounts } = (await client.get(identity, 'trial-balance')).body as { accounts: { kind: string }[] };
    const opened = ['granted', 'wallet', 'held', 'spent', 'paid', 'owed', 'fees', 'taxes'];
    expect(accounts.map(({ kind }) => kind)).toEqual(opened);
  });

  it('has nothing before billing heard of it', async () => {
    const anna = makeIdentity();
    expect((await client.get(anna, 'balance')).body).toEqual({ currency: 'USD', available: 0, held: 0 });
    expect((await client.get(anna, 'trial-balance')).body).toEqual({ balanced: true, total: 0, accounts: [] });
    expect((await client.get(anna, 'transactions')).body).toMatchObject({ data: [] });
  });
});

describe('the transactions', () => {
  it('come newest first, page by page, each with postings that sum to zero', async () => {
    const anna = await client.customer();
    const { body: hold } = await client.hold(anna, { maxInputTokens: 100_000, maxOutputTokens: 1_000 });
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(hold['id']), outputTokens: 0 }));
    const seen: Transaction[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `transactions?limit=3${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await client.get(anna, path)).body as unknown as Page;
      expect(page.data.length).toBeLessThanOrEqual(3);
      seen.push(...page.data);
      cursor = page.page.nextCursor;
    }
    expect(seen.map(({ seq, kind }) => [seq, kind])).toEqual([
      [4, 'release'],
      [3, 'capture'],
      [2, 'hold'],
      [1, 'grant'],
    ]);
    expect(seen[1]?.postings).toEqual([
      { account: 'held', amount: -100_000 },
      { account: 'spent', amount: 100_000 },
    ]);
    for (const { postings } of seen) expect(postings.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
    const one = await client.get(anna, `transactions/${seen[2]?.id}`);
    expect(one.body).toEqual(seen[2]);
  });

  it('of another workspace are not there', async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    const page = (await client.get(anna, 'transactions')).body as unknown as Page;
    const { status, body } = await client.get(bruno, `transactions/${page.data[0]?.id}`);
    expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'transaction.not_found' });
    const own = (await client.get(bruno, 'transactions')).body as unknown as Page;
    expect(own.data.map(({ id }) => id)).not.toContain(page.data[0]?.id);
  });

  it.each([
    ['a limit of 0', 'transactions?limit=0', 'request.invalid'],
    ['an unknown parameter', 'transactions?sort=amount', 'request.invalid'],
    ['a cursor that no list returned', 'transactions?cursor=nonsense', 'request.invalid_cursor'],
    [
      'a forged cursor',
      `transactions?cursor=${Buffer.from(JSON.stringify({ at: '-1', id: randomUUID() })).toString('base64url')}`,
      'request.invalid_cursor',
    ],
    ['an id that is none', 'transactions/1', 'request.invalid'],
    ['a usage cursor that no list returned', 'usage?cursor=nonsense', 'request.invalid_cursor'],
  ])('are refused for %s', async (_name, path, code) => {
    const { status, body } = await client.get(makeIdentity(), path);
    expect({ status, code: body['code'] }).toEqual({ status: 422, code });
  });
});

describe('who may read', () => {
  it('is every member', async () => {
    expect((await client.get(makeIdentity({ role: 'viewer' }), 'balance')).status).toBe(200);
  });
  it('is nobody without a token', async () => {
    const answer = await request(service.url).get('/api/v1/billing/balance');
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'token.missing' });
  });
});
