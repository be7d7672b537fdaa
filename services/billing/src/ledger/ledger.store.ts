import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { AccountEntity, EntryEntity, type Account, type Entry } from './ledger.entity.ts';
import {
  accountKinds,
  accounts,
  type AccountKind,
  type AccountSum,
  type EntryDraft,
  type EntryKind,
  type Posting,
} from './ledger.ts';
import { CURRENCY } from './money.ts';

/** An entry with what it did to which account. */
export interface BookedEntry extends Entry {
  readonly postings: readonly Posting[];
}

/** Which entries are wanted. Amounts are those of the postings, without their sign. */
export interface EntryFilter {
  readonly kind?: EntryKind | undefined;
  readonly account?: AccountKind | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly reference?: string | undefined;
  readonly minAmount?: bigint | undefined;
  readonly maxAmount?: bigint | undefined;
}

const inOrder = (one: { kind: AccountKind }, other: { kind: AccountKind }): number =>
  accountKinds.indexOf(one.kind) - accountKinds.indexOf(other.kind);

interface PostingRow {
  readonly kind: AccountKind;
  readonly amount: string;
}

export const createLedgerStore = (db: EntityManager, { workspaceId }: Tenant) => {
  const withPostings = async (entries: readonly Entry[]): Promise<BookedEntry[]> => {
    const rows: (PostingRow & { entryId: string })[] = await db.query(
      `select p.entry_id as "entryId", a.kind, p.amount
       from postings p join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
       where p.workspace_id = $1 and p.entry_id = any($2::uuid[])`,
      [workspaceId, entries.map(({ id }) => id)],
    );
    const byEntry = Map.groupBy(rows, ({ entryId }) => entryId);
    return entries.map((entry) => ({
      ...entry,
      postings: (byEntry.get(entry.id) ?? [])
        .toSorted(inOrder)
        .map(({ kind, amount }) => ({ account: kind, amount: BigInt(amount) })),
    }));
  };

  /** Begins the journal where there is none. Whoever else begins it waits for the end of this transaction. */
  const begin = (): Promise<unknown> =>
    db.query(`insert into ledger_heads (workspace_id) values ($1) on conflict do nothing`, [workspaceId]);

  return {
    begin,

    /** Opens the accounts that are not there yet, and the journal. */
    async open(newId: () => string, at: Date): Promise<void> {
      await begin();
      await db.query(
        `insert into accounts (id, workspace_id, kind, side, currency, created_at)
         select unnest($1::uuid[]), $2, unnest($3::text[]), unnest($4::text[]), $5, $6
         on conflict (workspace_id, kind, currency) do nothing`,
        [accountKinds.map(newId), workspaceId, accountKinds, Object.values(accounts), CURRENCY, at],
      );
    },

    /** Locks the journal until the transaction ends, and with it every account. False when there is none yet. */
    async lock(): Promise<boolean> {
      const heads: unknown[] = await db.query(`select 1 from ledger_heads where workspace_id = $1 for update`, [
        workspaceId,
      ]);
      return heads.length > 0;
    },

    accounts: async (): Promise<Account[]> =>
      (await db.findBy(AccountEntity, { workspaceId, currency: CURRENCY })).toSorted(inOrder),

    isBooked: ({ kind, reference }: Pick<EntryDraft, 'kind' | 'reference'>): Promise<boolean> =>
      db.existsBy(EntryEntity, { workspaceId, kind, reference }),

    /** Newest first. @param before only entries earlier in the journal */
    async list(filter: EntryFilter, limit: number, before: bigint | undefined): Promise<BookedEntry[]> {
      const query = db
        .createQueryBuilder(EntryEntity, 'e')
        .where('e.workspaceId = :workspaceId', { workspaceId })
        .orderBy('e.seq', 'DESC')
        .limit(limit);
      const { kind, account, from, to, reference, minAmount, maxAmount } = filter;
      if (before !== undefined) query.andWhere('e.seq < :before', { before: before.toString() });
      if (kind !== undefined) query.andWhere('e.kind = :kind', { kind });
      if (reference !== undefined) query.andWhere('e.reference = :reference', { reference });
      if (from !== undefined) query.andWhere('e.createdAt >= :from', { from });
      if (to !== undefined) query.andWhere('e.createdAt < :to', { to });
      if (account !== undefined || minAmount !== undefined || maxAmount !== undefined)
        query.andWhere(
          `exists (select from postings p join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
             where p.workspace_id = e.workspace_id and p.entry_id = e.id and (cast(:account as text) is null or a.kind = :account)
               and abs(p.amount) between coalesce(cast(:least as bigint), 0) and coalesce(cast(:most as bigint), abs(p.amount)))`,
          { account: account ?? null, least: minAmount?.toString() ?? null, most: maxAmount?.toString() ?? null },
        );
      return withPostings(await query.getMany());
    },

    async find(id: string): Promise<BookedEntry | undefined> {
      const entry = await db.findOneBy(EntryEntity, { workspaceId, id });
      return entry ? (await withPostings([entry]))[0] : undefined;
    },

    /** Every account's balance beside the sum of its postings, from one snapshot. */
    async sums(): Promise<AccountSum[]> {
      const rows: { kind: AccountKind; balance: string; postings: string }[] = await db.query(
        `select a.kind, a.balance, coalesce(sum(p.amount), 0) as postings
         from accounts a left join postings p on p.workspace_id = a.workspace_id and p.account_id = a.id
         where a.workspace_id = $1 group by a.id`,
        [workspaceId],
      );
      return rows
        .map(({ kind, balance, postings }) => ({ kind, balance: BigInt(balance), postings: BigInt(postings) }))
        .toSorted(inOrder);
    },
  };
};
export type LedgerStore = ReturnType<typeof createLedgerStore>;
