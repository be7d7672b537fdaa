import { randomUUID } from 'node:crypto';
import { RunCompleted } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import { eventually, type TestIdentity } from '@atrium/testing';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

// A hold of the client's default size sets 500 000 micro-units aside, and a run of the default size costs 200 000.
const AMOUNT = 500_000;
const COST = 200_000;
const CREDIT = 5_000_000;

const { service, people: client, spending } = useBilling();

type Rule = Record<string, unknown>;
const put = (identity: TestIdentity, ...budgets: Rule[]) => spending.send(identity, 'PUT', 'budgets', { budgets });
const monthly = (amount: number, more: Rule = {}): Rule => ({ scope: 'workspace', period: 'monthly', amount, ...more });
const read = async (identity: TestIdentity) =>
  (await spending.send(identity, 'GET', 'budgets')).body['budgets'] as Record<string, unknown>[];

describe('a hard budget', () => {
  it('refuses what would pass it, names itself and says when it begins again, and nothing is held', async () => {
    const anna = await client.customer();
    await put(anna, monthly(700_000));
    expect((await client.hold(anna)).status).toBe(201);
    const { status, body } = await client.hold(anna);
    const [budget] = await read(anna);
    expect({ status, body }).toMatchObject({
      status: 402,
      body: {
        code: 'budget.exceeded',
        budget: { id: budget?.['id'], scope: 'workspace', subject: null, period: 'monthly' },
        required: AMOUNT,
        available: 200_000,
        resetsAt: budget?.['resetsAt'],
      },
    });
    expect(budget).toMatchObject({ amount: 700_000, reserved: AMOUNT, spent: 0, left: 200_000, mode: 'hard' });
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: AMOUNT });
  });

  it('gives back what a run did not need, and counts what it paid', async () => {
    const anna = await client.customer();
    await put(anna, monthly(700_000));
    const { body } = await client.hold(anna);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(body['id']) }));
    expect(await read(anna)).toMatchObject([{ reserved: 0, spent: COST, left: 500_000 }]);
    expect((await client.hold(anna)).status).toBe(201);
    expect((await client.hold(anna)).status).toBe(402);
  });

  it('gives back what an expired hold had reserved', async () => {
    const anna = await client.customer();
    await put(anna, monthly(AMOUNT));
    const { body } = await client.hold(anna);
    await service.database.query(`update billing.holds set expires_at = now() where id = $1`, [body['id']]);
    await eventually(async () => (await read(anna))[0]?.['reserved'] === 0);
    expect((await client.hold(anna)).status).toBe(201);
  });

  it.each([
    ['agent', 'agentId'],
    ['api_key', 'apiKeyId'],
  ])('of an %s stops that one and nobody else', async (scope, field) => {
    const anna = await client.customer();
    const subject = randomUUID();
    await put(anna, monthly(AMOUNT, { scope, subject, period: 'daily' }));
    expect((await client.hold(anna, { [field]: subject })).status).toBe(201);
    expect((await client.hold(anna, { [field]: subject })).body['code']).toBe('budget.exceeded');
    expect((await client.hold(anna, { [field]: randomUUID() })).status).toBe(201);
    expect((await client.hold(anna)).status).toBe(201);
  });

  it('of a user stops that one and not the others of the workspace', async () => {
    const anna = await client.customer();
    const bruno = { ...anna, userId: randomUUID() };
    await put(anna, monthly(AMOUNT, { scope: 'user', subject: anna.userId }));
    expect((await client.hold(anna)).status).toBe(201);
    expect((await client.hold(anna)).body['code']).toBe('budget.exceeded');
    expect((await client.hold(bruno)).status).toBe(201);
  });

  it('lets exactly as much through as it has, however many ask at once', async () => {
    const anna = await client.customer();
    await put(anna, monthly(3 * AMOUNT), monthly(7 * AMOUNT, { period: 'daily' }));
    const answers = await Promise.all(Array.from({ length: 24 }, () => client.hold(anna)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ body }) => body['code'] === 'budget.exceeded')).toHaveLength(21);
    expect((await read(anna)).map(({ reserved }) => reserved)).toEqual([3 * AMOUNT, 3 * AMOUNT]);
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('that is set late counts what was spent and held before it', async () => {
    const anna = await client.customer();
    const { body } = await client.hold(anna);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(body['id']) }));
    const open = await client.hold(anna);
    await put(anna, monthly(900_000));
    expect(await read(anna)).toMatchObject([{ spent: COST, reserved: AMOUNT }]);
    await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(open.body['id']) }));
    expect(await read(anna)).toMatchObject([{ spent: 2 * COST, reserved: 0 }]);
  });
});

describe('a soft budget', () => {
  it('lets everything through and tells of 50, 80 and 100 per cent once each', async () => {
    const anna = await client.customer();
    const live = await spending.live(anna, 'billing.budget.reached.v1');
    await put(anna, monthly(400_000, { mode: 'soft' }));
    for (let times = 0; times < 3; times += 1) {
      const { status, body } = await client.hold(anna);
      expect(status).toBe(201);
      await client.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(body['id']) }));
    }
    expect(await read(anna)).toMatchObject([{ spent: 3 * COST, left: 0 }]);
    await eventually(async () => live.heard.length >= 3);
    live.close();
    expect(live.heard.map(({ percent, spent }) => [percent, spent])).toEqual([
      [50, COST],
      [80, 2 * COST],
      [100, 2 * COST],
    ]);
  });
});

describe('the list of budgets', () => {
  it('is replaced as a whole; what stays keeps its counter, and the zone moves with it', async () => {
    const anna = await client.customer();
    await put(anna, monthly(1_000_000), monthly(1_000_000, { period: 'daily' }));
    await client.hold(anna);
    const { status, body } = await spending.send(anna, 'PUT', 'budgets', {
      budgets: [monthly(2_000_000, { mode: 'soft' })],
      timeZone: 'America/Sao_Paulo',
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { timeZone: 'America/Sao_Paulo', budgets: [{ amount: 2_000_000, mode: 'soft', reserved: AMOUNT }] },
    });
    expect(String((body['budgets'] as Rule[])[0]?.['resetsAt'])).toMatch(/-01T03:00:00.000Z$/);
  });

  it.each([
    ['no amount', [{ scope: 'workspace', period: 'daily' }]],
    ['nothing', [monthly(0)]],
    ['less than nothing', [monthly(-1)]],
    ['half a micro-unit', [monthly(0.5)]],
    ['more than JSON carries', [monthly(2 ** 53)]],
    ['a subject that the workspace has not', [monthly(1, { subject: randomUUID() })]],
    ['no subject for a user', [monthly(1, { scope: 'user' })]],
    ['the same twice', [monthly(1), monthly(2)]],
    ['an unknown period', [monthly(1, { period: 'yearly' })]],
  ])('with %s is refused, and nothing changes', async (_name, budgets) => {
    const anna = await client.customer();
    await put(anna, monthly(5));
    const { status, type } = await put(anna, ...budgets);
    expect({ status, type }).toEqual({ status: 422, type: 'application/problem+json; charset=utf-8' });
    expect(await read(anna)).toMatchObject([{ amount: 5 }]);
  });

  it('is written by administrators, read by everybody, and not seen from elsewhere', async () => {
    const anna = await client.customer();
    await put(anna, monthly(5));
    for (const role of ['viewer', 'member'] as const) {
      expect((await put({ ...anna, role }, monthly(9))).status).toBe(403);
      expect(await read({ ...anna, role })).toMatchObject([{ amount: 5 }]);
    }
    expect(await read(await client.customer())).toEqual([]);
  });
});

describe('the balance', () => {
  it('is told to be low once a crossing, and exhausted when a run is refused', async () => {
    const anna = await client.customer();
    const [low, exhausted] = [
      await spending.live(anna, 'billing.balance.low.v1'),
      await spending.live(anna, 'billing.balance.exhausted.v1'),
    ];
    for (let times = 0; times < 2; times += 1)
      await client.handled(RunCompleted, anna.workspaceId, endedRun({ inputTokens: 1_640_000 + 60_000 * times }));
    await eventually(async () => low.heard.length > 0);
    expect((await client.hold(anna, { maxInputTokens: 4_000_000 })).status).toBe(402);
    expect((await client.hold(anna, { maxInputTokens: 4_000_000 })).status).toBe(402);
    await eventually(async () => exhausted.heard.length > 0);
    low.close();
    exhausted.close();
    expect(low.heard).toEqual([{ balance: 800_000, threshold: 1_000_000, currency: 'USD' }]);
    expect(exhausted.heard).toHaveLength(1);
  });

  it('that is large is not called exhausted because somebody asked for more', async () => {
    const anna = await client.customer();
    expect((await client.hold(anna, { maxInputTokens: 4_000_000 })).status).toBe(402);
    expect(
      await service.database.query(`select balance_state from billing.spending_settings where workspace_id = $1`, [
        anna.workspaceId,
      ]),
    ).toEqual([{ balance_state: 'fine' }]);
  });
});

describe('automatic top-ups', () => {
  const rule = { enabled: true, threshold: 1, amount: 5, mostPerDay: 10, mostPerMonth: 20 };

  it('cannot be enabled where nobody takes payments, and can be prepared', async () => {
    const anna = await client.customer();
    const { status, body } = await spending.send(anna, 'PUT', 'auto-top-up', rule);
    expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'auto_top_up.unavailable' });
    expect((await spending.send(anna, 'PUT', 'auto-top-up', { ...rule, enabled: false })).status).toBe(200);
    expect((await spending.send(anna, 'GET', 'auto-top-up')).body).toEqual({
      ...rule,
      enabled: false,
      available: false,
      currency: 'USD',
      paused: null,
      latest: null,
    });
  });

  it('ask once while one is pending, and end as failed when nobody takes payments any more', async () => {
    const anna = await client.customer();
    await spending.send(anna, 'PUT', 'auto-top-up', { ...rule, threshold: CREDIT, enabled: false });
    await service.database.query(`update billing.top_up_rules set enabled = true where workspace_id = $1`, [
      anna.workspaceId,
    ]);
    for (let times = 0; times < 3; times += 1) await client.handled(RunCompleted, anna.workspaceId, endedRun());
    const asked = () =>
      service.database.query<{ status: string }>(`select status from billing.auto_top_ups where workspace_id = $1`, [
        anna.workspaceId,
      ]);
    await eventually(async () => (await asked())[0]?.status === 'failed');
    await client.handled(RunCompleted, anna.workspaceId, endedRun());
    expect(await asked()).toEqual([{ status: 'failed' }]);
  });

  it.each([{ amount: 11 }, { mostPerDay: 21 }, { amount: -5 }, { threshold: 0.5 }])(
    'with %j are refused',
    async (wrong) => {
      const anna = await client.customer();
      expect((await spending.send(anna, 'PUT', 'auto-top-up', { ...rule, ...wrong })).status).toBe(422);
    },
  );
});
