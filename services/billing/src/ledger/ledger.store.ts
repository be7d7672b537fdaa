import type { Tenant } from '@atrium/service-kit';
import { LessThan, type EntityManager } from 'typeorm';
import { AccountEntity, EntryEntity, type Account, type Entry } from './ledger.entity.ts';
import { accountKinds, type AccountKind, type AccountSum, type EntryDraft, type Posting } from './ledger.ts';
import { CURRENCY } from './money.ts';

/** An entry with what it did to which account. */
export interface BookedEntry extends Entry {
  readonly postings: readonly Posting[];
}

export const createLedgerStore = (db: EntityManager, { workspaceId }: Tenant) => {
  const withPostings = async (entries: readonly Entry[]): Promise<BookedEntry[]> => {
    const rows: { entryId: string; account: AccountKind; amount: string }[] = await db.query(
      `select p.entry_id as "entryId", a.kind as account, p.amount
       from postings p join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
       where p.workspace_id = $1 and p.entry_id = any($2::uuid[])`,
      [workspaceId, entries.map(({ id }) => id)],
    );
    const inOrder = (one: Posting, other: Posting): number =>
      accountKinds.indexOf(one.account) - accountKinds.indexOf(other.account);
    return entries.map((entry) => ({
      ...entry,
      postings: rows
        .filter(({ entryId }) => entryId === entry.id)
        .map(({ account, amount }) => ({ account, amount: BigInt(amount) }))
        .sort(inOrder),
    }));
  };

  return {
    /** Opens the accounts that are not there yet. */
    async open(kinds: readonly AccountKind[], newId: () => string, at: Date): Promise<void> {
      await db.query(
        `insert into accounts (id, workspace_id, kind, currency, created_at)
         select unnest($1::uuid[]), $2, unnest($3::text[]), $4, $5 on conflict (workspace_id, kind, currency) do nothing`,
        [kinds.map(() => newId()), workspaceId, kinds, CURRENCY, at],
      );
    },

    /** Locks the accounts until the transaction ends, always in the order of their ids: nobody waits in a circle. */
    lock: (): Promise<Account[]> =>
      db.find(AccountEntity, {
        where: { workspaceId, currency: CURRENCY },
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      }),

    accounts: (): Promise<Account[]> => db.findBy(AccountEntity, { workspaceId, currency: CURRENCY }),

    isBooked: ({ kind, reference }: Pick<EntryDraft, 'kind' | 'reference'>): Promise<boolean> =>
      db.existsBy(EntryEntity, { workspaceId, kind, reference }),

    /** Books an entry; the accounts are locked, so its place in the journal is free. */
    async append(id: string, draft: EntryDraft, at: Date): Promise<void> {
      await db.query(
        `insert into entries (id, workspace_id, seq, kind, reference, description, created_at)
         select $1, $2::uuid, coalesce(max(seq), 0) + 1, $3, $4, $5, $6::timestamptz from entries where workspace_id = $2::uuid`,
        [id, workspaceId, draft.kind, draft.reference, draft.description, at],
      );
      await db.query(
        `insert into postings (workspace_id, entry_id, account_id, amount)
         select a.workspace_id, $2, a.id, p.amount
         from accounts a join unnest($3::text[], $4::bigint[]) as p (kind, amount) on p.kind = a.kind
         where a.workspace_id = $1 and a.currency = $5`,
        [
          workspaceId,
          id,
          draft.postings.map(({ account }) => account),
          draft.postings.map(({ amount }) => amount.toString()),
          CURRENCY,
        ],
      );
    },

    /** Newest first. @param before only entries earlier in the journal */
    async list(limit: number, before: bigint | undefined): Promise<BookedEntry[]> {
      const entries = await db.find(EntryEntity, {
        where: { workspaceId, ...(before === undefined ? {} : { seq: LessThan(before) }) },
        order: { seq: 'DESC' },
        take: limit,
      });
      return withPostings(entries);
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
         where a.workspace_id = $1 group by a.id order by a.id`,
        [workspaceId],
      );
      return rows.map(({ kind, balance, postings }) => ({
        kind,
        balance: BigInt(balance),
        postings: BigInt(postings),
      }));
    },
  };
};
export type LedgerStore = ReturnType<typeof createLedgerStore>;
