import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { accountKinds, entryKinds, type AccountKind, type EntryKind } from '../ledger/ledger.ts';
import type { StatementView } from './statement.schema.ts';
import type { Month, Movement, Opening } from './statement.ts';

interface Row {
  body: StatementView;
}

/** Statements, and what of the journal they are drawn up from. */
export const createStatementStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async find(month: Month): Promise<StatementView | undefined> {
    const [row]: [Row | undefined] = await db.query(
      `select body from statements where workspace_id = $1 and month = $2`,
      [workspaceId, month],
    );
    return row?.body;
  },
  /** The latest one before a month. */
  async before(month: Month): Promise<StatementView | undefined> {
    const [row]: [Row | undefined] = await db.query(
      `select body from statements where workspace_id = $1 and month < $2 order by month desc limit 1`,
      [workspaceId, month],
    );
    return row?.body;
  },
  async add(view: StatementView): Promise<void> {
    await db.query(
      `insert into statements (workspace_id, month, first_seq, last_seq, body, closed_at) values ($1, $2, $3, $4, $5, $6)`,
      [workspaceId, view.month, view.firstSeq, view.lastSeq, JSON.stringify(view), view.closedAt],
    );
  },
  /** Newest first. */
  async list(limit: number, before: Month | undefined): Promise<StatementView[]> {
    const rows: Row[] = await db.query(
      `select body from statements where workspace_id = $1 and ($2::text is null or month < $2)
       order by month desc limit $3`,
      [workspaceId, before ?? null, limit],
    );
    return rows.map(({ body }) => body);
  },

  /** The last entry that was booked before a moment, after a place in the journal. */
  async lastSeq(after: number, end: Date): Promise<number> {
    const [row]: [{ last: string | null }] = await db.query(
      `select max(seq) as last from entries where workspace_id = $1 and seq > $2 and created_at < $3`,
      [workspaceId, after, end],
    );
    return row.last === null ? after : Number(row.last);
  },

  /** The balance of every account after an entry of the journal; 0 for before the first. */
  async balances(seq: number): Promise<Opening[]> {
    const rows: { kind: AccountKind; balance: string }[] = await db.query(
      `select a.kind, coalesce(sum(p.amount) filter (where e.seq <= $2), 0) as balance
       from accounts a
       left join postings p on p.workspace_id = a.workspace_id and p.account_id = a.id
       left join entries e on e.workspace_id = p.workspace_id and e.id = p.entry_id
       where a.workspace_id = $1 group by a.kind`,
      [workspaceId, seq],
    );
    return rows
      .map(({ kind, balance }) => ({ kind, balance: BigInt(balance) }))
      .sort((one, other) => accountKinds.indexOf(one.kind) - accountKinds.indexOf(other.kind));
  },

  async movements(first: number, last: number): Promise<Movement[]> {
    const rows: { kind: EntryKind; account: AccountKind; entries: string; amount: string }[] = await db.query(
      `select e.kind, a.kind as account, count(*) as entries, sum(p.amount) as amount
       from entries e
       join postings p on p.workspace_id = e.workspace_id and p.entry_id = e.id
       join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
       where e.workspace_id = $1 and e.seq between $2 and $3 group by e.kind, a.kind`,
      [workspaceId, first, last],
    );
    return rows.map((row) => ({ ...row, entries: Number(row.entries), amount: BigInt(row.amount) }));
  },

  async entries(first: number, last: number): Promise<Map<EntryKind, number>> {
    const rows: { kind: EntryKind; entries: string }[] = await db.query(
      `select kind, count(*) as entries from entries where workspace_id = $1 and seq between $2 and $3 group by kind`,
      [workspaceId, first, last],
    );
    rows.sort((one, other) => entryKinds.indexOf(one.kind) - entryKinds.indexOf(other.kind));
    return new Map(rows.map(({ kind, entries }) => [kind, Number(entries)]));
  },

  async usage(from: Date, to: Date): Promise<StatementView['usage']> {
    const rows: Record<string, string>[] = await db.query(
      `select provider, model, count(*) as answers, sum(input_tokens) as "inputTokens",
         sum(cached_input_tokens) as "cachedInputTokens", sum(output_tokens) as "outputTokens",
         sum(cost) as cost, sum(charged) as charged
       from usage_records where workspace_id = $1 and created_at >= $2 and created_at < $3
       group by provider, model order by provider, model`,
      [workspaceId, from, to],
    );
    return rows.map(({ provider = '', model = '', ...numbers }) => {
      const { answers, inputTokens, cachedInputTokens, outputTokens, cost, charged } = numbers;
      return {
        ...{ provider, model, answers: Number(answers), inputTokens: Number(inputTokens) },
        ...{ cachedInputTokens: Number(cachedInputTokens), outputTokens: Number(outputTokens) },
        ...{ cost: Number(cost), charged: Number(charged) },
      };
    });
  },
});
export type StatementStore = ReturnType<typeof createStatementStore>;
