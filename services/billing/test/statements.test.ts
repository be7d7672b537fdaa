import { randomUUID } from 'node:crypto';
import { RunCompleted } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import { eventually, type TestIdentity } from '@atrium/testing';
import { monthAfter, monthOf } from '../src/statements/statement.ts';
import { endedRun } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

const { service, people: billingClient, payments: client } = useBilling({ WELCOME_CREDIT: '1000000' });

interface Statement {
  month: string;
  firstSeq: number;
  lastSeq: number;
  opening: number;
  closing: number;
  movements: { kind: string; entries: number; amount: number }[];
  accounts: { kind: string; opening: number; change: number; closing: number }[];
  usage: { model: string; charged: number; answers: number }[];
}
const statementsOf = async (identity: TestIdentity): Promise<Statement[]> =>
  (await client.get(identity, 'statements')).body['data'] as Statement[];

const monthsAgo = (count: number): string => {
  const now = new Date();
  return monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 15)));
};

/** As if the service had been away: the journal is older, and so is the month that is to be closed. */
const wasAway = async ({ workspaceId }: TestIdentity, month: string): Promise<void> => {
  const { database } = service;
  const at = `${month}-15T12:00:00Z`;
  await database.query(`alter table billing.entries disable trigger user`);
  await database.query(`update billing.entries set created_at = $2 where workspace_id = $1`, [workspaceId, at]);
  await database.query(`alter table billing.entries enable trigger user`);
  await database.query(`update billing.usage_records set created_at = $2 where workspace_id = $1`, [workspaceId, at]);
  await database.query(
    `insert into billing.jobs (id, kind, workspace_id, key, payload, run_at) values ($1, 'statement.close', $2, $3, $4, now())`,
    [randomUUID(), workspaceId, `${workspaceId}:${month}`, JSON.stringify({ month })],
  );
};
const closed = (identity: TestIdentity, count: number): Promise<Statement[]> =>
  eventually(async () => {
    const all = await statementsOf(identity);
    return all.length >= count && all;
  });

/** Somebody who spent something and paid something. */
const lived = async (): Promise<TestIdentity> => {
  const anna = await billingClient.customer();
  const { body } = await client.manual(anna, 1_000, randomUUID());
  await client.refund(anna, String(body['id']), 300);
  const { body: hold } = await billingClient.hold(anna);
  await billingClient.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: String(hold['id']) }));
  await billingClient.handled(RunCompleted, anna.workspaceId, endedRun({ holdId: null, outputTokens: 0 }));
  await billingClient.hold(anna, { maxInputTokens: 1_000 });
  return anna;
};

describe('a statement', () => {
  it('is the ledger of its month, to the last micro-unit', async () => {
    const anna = await lived();
    const month = monthsAgo(1);
    await wasAway(anna, month);
    const [statement] = await closed(anna, 1);
    const books = await client.books(anna);
    const { accounts, movements, usage, ...sums } = statement as Statement;
    expect(Object.fromEntries(accounts.map(({ kind, closing }) => [kind, closing]))).toEqual(books);
    expect(accounts.every(({ opening, change, closing }) => opening === 0 && change === closing)).toBe(true);
    expect(accounts.reduce((all, { closing }) => all + closing, 0)).toBe(0);
    const { wallet = 0, held = 0, owed = 0, spent = 0 } = books;
    expect(sums).toMatchObject({ month, firstSeq: 1, opening: 0, closing: wallet + held + owed });
    expect(movements.reduce((all, { amount }) => all + amount, sums.opening)).toBe(sums.closing);
    expect(Object.fromEntries(movements.map(({ kind, amount }) => [kind, amount]))).toMatchObject({
      ...{ grant: 1_000_000, topup: 10_000_000, refund: -3_000_000, hold: 0, release: 0 },
    });
    expect(movements.reduce((all, { entries }) => all + entries, 0)).toBe(sums.lastSeq);
    expect(usage.reduce((all, { charged }) => all + charged, 0)).toBe(spent);
    expect(usage).toMatchObject([{ model: 'gpt-4o-2024-08-06', answers: 2 }]);
  });

  it('goes on where the one before ended, each month once, also when several were missed', async () => {
    const anna = await lived();
    const first = monthsAgo(3);
    await wasAway(anna, first);
    const [newest, ...older] = await closed(anna, 3);
    const all = [newest, ...older].toReversed() as Statement[];
    expect(all.map(({ month }) => month)).toEqual([first, monthAfter(first), monthAfter(monthAfter(first))]);
    for (const [at, one] of all.entries()) {
      const before = all[at - 1];
      if (!before) continue;
      expect([one.firstSeq, one.opening]).toEqual([before.lastSeq + 1, before.closing]);
      expect([one.lastSeq, one.movements, one.usage]).toEqual([before.lastSeq, [], []]);
    }
    const jobs: { key: string; state: string }[] = await service.database.query(
      `select key, state from billing.jobs where kind = 'statement.close' and workspace_id = $1 order by key`,
      [anna.workspaceId],
    );
    expect(jobs.at(-1)).toEqual({ key: `${anna.workspaceId}:${monthOf(new Date())}`, state: 'queued' });
    expect(new Set(jobs.map(({ key }) => key)).size).toBe(jobs.length);
  });

  it('is drawn up once, although its job runs again', async () => {
    const anna = await lived();
    const month = monthsAgo(1);
    await wasAway(anna, month);
    const before = await closed(anna, 1);
    await client.manual(anna, 900, randomUUID());
    const [row]: { id: string }[] = await service.database.query(
      `insert into billing.jobs (id, kind, workspace_id, payload, run_at)
       values ($1, 'statement.close', $2, $3, now()) returning id`,
      [randomUUID(), anna.workspaceId, JSON.stringify({ month })],
    );
    await eventually(async () => {
      const [job]: { state: string }[] = await service.database.query(`select state from billing.jobs where id = $1`, [
        row?.id,
      ]);
      return job?.state === 'succeeded';
    });
    expect(await statementsOf(anna)).toEqual(before);
  });

  it('comes as CSV and PDF', async () => {
    const anna = await lived();
    const month = monthsAgo(1);
    await wasAway(anna, month);
    const [statement] = await closed(anna, 1);
    const get = async (path: string) =>
      fetch(`${service.url}/api/v1/billing/statements/${path}`, {
        headers: { authorization: `Bearer ${service.issuer.token(anna)}` },
      });
    const rows = (await (await get(`${month}/csv`)).text()).trimEnd().split('\r\n');
    expect(rows).toContain(`${month},movement,topup,1,10.000000,USD`);
    expect(rows).toContain(`${month},closing,,,${((statement?.closing ?? 0) / 1e6).toFixed(6)},USD`);
    const one = Buffer.from(await (await get(`${month}/pdf`)).arrayBuffer());
    const two = Buffer.from(await (await get(`${month}/pdf`)).arrayBuffer());
    expect(one.subarray(0, 5).toString()).toBe('%PDF-');
    expect(one.equals(two)).toBe(true);
    expect((await get('2001-01')).status).toBe(404);
    expect((await get('2001-13')).status).toBe(422);
  });

  it('is closed for every workspace from its first month on', async () => {
    const anna = await billingClient.customer();
    const jobs: { key: string; run_at: Date }[] = await service.database.query(
      `select key, run_at from billing.jobs where kind = 'statement.close' and workspace_id = $1`,
      [anna.workspaceId],
    );
    expect(jobs.map(({ key }) => key)).toEqual([`${anna.workspaceId}:${monthOf(new Date())}`]);
    expect(jobs[0]?.run_at.toISOString().slice(0, 10)).toBe(`${monthAfter(monthOf(new Date()))}-01`);
  });
});
