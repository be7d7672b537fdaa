import { randomUUID } from 'node:crypto';
import { DocumentUsageMeasured, RunCompleted } from '@atrium/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { TestIdentity } from '@atrium/testing';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const COST = 200_000;
const CREDIT = 5_000_000;

const { people: client, spending } = useBilling();

const run = async (identity: TestIdentity, about: Record<string, unknown> = {}) => {
  const { body } = await client.hold(identity, about);
  await client.handled(RunCompleted, identity.workspaceId, endedRun({ holdId: String(body['id']) }));
};
const measured = (
  reference: string,
  items: { unit: 'pages' | 'embedding' | 'storage_byte_day'; quantity: number }[],
) => ({
  reference,
  documentId: null,
  userId: null,
  items: items.map((item) => ({ ...item, provider: 'openai', model: 'text-embedding-3-small' })),
});

describe('usage by group', () => {
  let anna: TestIdentity;
  const key = randomUUID();
  beforeAll(async () => {
    anna = await client.customer();
    await run(anna, { tags: { client: 'acme', project: 'site', team: 'red' }, apiKeyId: key });
    await run(anna, { tags: { client: 'acme', project: 'shop' } });
    await run({ ...anna, userId: randomUUID() }, { tags: { client: 'beta' } });
    await run(anna);
  });

  it.each([
    ['client', [null, 'acme', 'beta'], [COST, 2 * COST, COST]],
    ['tag:team', [null, 'red'], [3 * COST, COST]],
    ['apiKey', [null, key], [3 * COST, COST]],
    ['model', ['gpt-4o-2024-08-06'], [4 * COST]],
  ])('%s', async (name, groups, costs) => {
    const data = await spending.data(anna, `usage?groupBy=${name}`);
    expect(data.map(({ group }) => (group as Record<string, unknown>)[name])).toEqual(groups);
    expect(data.map(({ cost }) => cost)).toEqual(costs);
  });

  it('of several at once and by day goes over pages without losing or doubling anything', async () => {
    const path = 'usage?groupBy=user,client,project&bucket=day';
    const [whole, paged] = [await spending.all(anna, path), await spending.all(anna, `${path}&limit=1`)];
    expect(paged).toEqual(whole);
    expect(whole).toHaveLength(4);
    expect(whole.reduce((sum, { charged }) => sum + Number(charged), 0)).toBe(4 * COST);
    expect(whole[0]?.['group']).toMatchObject({ day: new Date().toISOString().slice(0, 10) });
  });

  it('of another time is nothing, and of today everything', async () => {
    const today = new Date().toISOString().slice(0, 10);
    expect(await spending.data(anna, `usage?groupBy=user&to=${today}`)).toEqual([]);
    expect(await spending.data(anna, `usage?groupBy=agent&from=${today}`)).not.toEqual([]);
    expect(await spending.data(anna, `usage?from=${today}`)).toHaveLength(4);
  });

  it('is also a file', async () => {
    const { type, text } = await spending.send(anna, 'GET', 'usage.csv?groupBy=client');
    expect(type).toMatch(/^text\/csv/);
    expect(text.split('\r\n').slice(0, 3)).toEqual([
      'client,records,inputTokens,cachedInputTokens,outputTokens,cost,charged',
      `,1,40000,0,10000,${COST},${COST}`,
      `acme,2,80000,0,20000,${2 * COST},${2 * COST}`,
    ]);
    expect((await spending.send(anna, 'GET', 'usage.csv')).text.split('\r\n')).toHaveLength(6);
  });

  it.each(['groupBy=cost', 'groupBy=user,user', 'groupBy=tag:x;y', 'from=yesterday', 'from=2026-02-02&to=2026-02-01'])(
    'refuses %s',
    async (query) => {
      const { status, type } = await spending.send(anna, 'GET', `usage?${query}`);
      expect({ status, type }).toEqual({ status: 422, type: 'application/problem+json; charset=utf-8' });
    },
  );

  it('is not seen from another workspace', async () => {
    expect(await spending.data(await client.customer(), 'usage?groupBy=client')).toEqual([]);
  });
});

describe('what documents consume', () => {
  it('is priced, charged once, and listed by unit', async () => {
    const anna = await client.customer();
    await spending.send(anna, 'POST', 'prices/import', {
      csv: 'provider,model,unit,price\n*,*,page,10\n*,*,storage_gb_month,0.03',
    });
    const usage = measured('version:1', [
      { unit: 'pages', quantity: 3 },
      { unit: 'embedding', quantity: 1_000_000 },
      { unit: 'storage_byte_day', quantity: 1_000_000_000 },
    ]);
    for (let times = 0; times < 3; times += 1) await client.handled(DocumentUsageMeasured, anna.workspaceId, usage);
    const data = await spending.data(anna, 'usage?groupBy=unit');
    expect(data.map(({ group, cost, charged }) => [(group as { unit: string }).unit, cost, charged])).toEqual([
      ['embedding', 20_000, 20_000],
      ['pages', 30_000, 30_000],
      ['storage_byte_day', 1_000, 1_000],
    ]);
    expect((await client.balance(anna)).available).toBe(CREDIT - 51_000);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('that costs nothing moves no money', async () => {
    const anna = await client.customer();
    await client.handled(
      DocumentUsageMeasured,
      anna.workspaceId,
      measured('version:2', [{ unit: 'pages', quantity: 9 }]),
    );
    expect((await client.balance(anna)).available).toBe(CREDIT);
    expect(await spending.data(anna, 'usage')).toMatchObject([{ unit: 'pages', quantity: 9, cost: 0, runId: null }]);
  });
});

describe('the price book', () => {
  const file =
    'provider,model,unit,price,validFrom\nopenai,gpt-4o,input,5,2026-01-01\nopenai,gpt-4o,output,20,2026-01-01';

  it('takes prices of a file, which hold for this workspace alone', async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    const dry = await spending.send(anna, 'POST', 'prices/import', { csv: file, dryRun: true });
    expect(dry.body).toEqual({ dryRun: true, rows: 2, added: 2, changed: 0, unchanged: 0, errors: [] });
    expect(await spending.data(anna, 'prices?list=own')).toEqual([]);
    expect((await spending.send(anna, 'POST', 'prices/import', { csv: file })).body).toMatchObject({ added: 2 });
    expect((await spending.send(anna, 'POST', 'prices/import', { csv: file })).body).toMatchObject({ unchanged: 2 });
    await run(anna);
    await run(bruno);
    expect((await client.balance(anna)).available).toBe(CREDIT - 2 * COST);
    expect((await client.balance(bruno)).available).toBe(CREDIT - COST);
    expect(await spending.data(anna, 'prices?model=gpt-4o&unit=input')).toMatchObject([
      { list: 'own', price: '5', per: 1_000_000, perMillion: 5_000_000 },
      { list: 'shared', price: '2.5' },
    ]);
    expect(await spending.data(bruno, 'prices?list=own')).toEqual([]);
  });

  it('goes over pages without losing or doubling anything', async () => {
    const anna = await client.customer();
    await spending.send(anna, 'POST', 'prices/import', { csv: file });
    const [whole, paged] = [await spending.all(anna, 'prices?limit=100'), await spending.all(anna, 'prices?limit=7')];
    expect(paged).toEqual(whole);
    expect(whole.length).toBeGreaterThan(40);
  });

  it('takes all rows or none, and names those that are wrong', async () => {
    const anna = await client.customer();
    const csv = `${file}\nopenai,gpt-4o,words,1,2026-01-01\nopenai,gpt-5,input,-1,`;
    const refused = await spending.send(anna, 'POST', 'prices/import', { csv });
    expect({ status: refused.status, body: refused.body }).toMatchObject({
      status: 422,
      body: { code: 'prices.invalid', errors: [{ path: 'body.csv.4.unit' }, { path: 'body.csv.5.price' }] },
    });
    expect(await spending.data(anna, 'prices?list=own')).toEqual([]);
    const dry = await spending.send(anna, 'POST', 'prices/import', { csv, dryRun: true });
    expect(dry.body).toMatchObject({ rows: 4, added: 2, errors: [{ row: 4 }, { row: 5 }] });
  });

  it.each([{}, { csv: file, prices: [] }, { prices: [] }, { csv: 5 }])('refuses the import %j', async (body) => {
    expect((await spending.send(await client.customer(), 'POST', 'prices/import', body)).status).toBe(422);
  });

  it('is set by administrators only', async () => {
    const anna = await client.customer();
    expect((await spending.send({ ...anna, role: 'member' }, 'POST', 'prices/import', { csv: file })).status).toBe(403);
  });
});

describe('an estimate', () => {
  it('says the most that a hold would set aside, and what would be left', async () => {
    const anna = await client.customer();
    const { status, body } = await spending.send({ ...anna, role: 'viewer' }, 'POST', 'estimate', {
      ...{ provider: 'openai', model: 'gpt-4o', inputTokens: 100_000, maxOutputTokens: 25_000 },
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        cost: { low: 125_000, high: 500_000 },
        currency: 'USD',
        listedAs: 'openai/gpt-4o',
        balance: { available: CREDIT, afterLow: CREDIT - 125_000, afterHigh: CREDIT - 500_000 },
        covered: true,
      },
    });
  });

  it.each([{ inputTokens: -1 }, { textLength: 0.5 }, { pages: 1e309 }, { audioMinutes: 'NaN' }, { provider: '' }])(
    'of %j is refused',
    async (wrong) => {
      const wish = { provider: 'openai', model: 'gpt-4o', ...wrong };
      expect((await spending.send(await client.customer(), 'POST', 'estimate', wish)).status).toBe(422);
    },
  );
});
