import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { walkChains, type ChainBreak } from './ledger.chain.ts';
import type { ChainState, Comparison } from './reconcile.ts';

interface Counted {
  readonly debits: string;
  readonly credits: string;
  readonly off: string;
  readonly held: string;
  readonly open: string;
  readonly spent: string;
  readonly used: string;
  readonly unrecorded: string;
  readonly holdsCaptured: string;
  readonly captures: string;
  readonly entries: string;
  readonly last: string;
}

/** Counts what should agree, each from the rows it comes from. */
export const createReconcileStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async comparisons(): Promise<Comparison[]> {
    const [row]: [Counted] = await db.query(
      `with moved as (
         select p.entry_id, e.kind as entry, e.reference, a.kind as account, p.amount
         from postings p join entries e on e.workspace_id = p.workspace_id and e.id = p.entry_id
         join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id where p.workspace_id = $1
       ), recorded as (
         select coalesce(hold_id::text, run_id::text, reference) as reference from usage_records where workspace_id = $1
       )
       select
         (select coalesce(sum(-amount), 0) from moved where amount < 0) as debits,
         (select coalesce(sum(amount), 0) from moved where amount > 0) as credits,
         (select count(*) from accounts a where a.workspace_id = $1 and a.balance <> coalesce((select sum(p.amount)
            from postings p where p.workspace_id = $1 and p.account_id = a.id), 0)) as off,
         (select coalesce(sum(balance), 0) from accounts where workspace_id = $1 and kind = 'held') as held,
         (select coalesce(sum(remaining), 0) from holds where workspace_id = $1 and status = 'open') as open,
         (select coalesce(sum(amount), 0) from moved where account = 'spent') as spent,
         (select coalesce(sum(charged), 0) from usage_records where workspace_id = $1) as used,
         (select coalesce(sum(m.amount), 0) from moved m where m.account = 'spent'
            and not exists (select from recorded r where r.reference in (m.reference, split_part(m.reference, '/', 1)))) as unrecorded,
         (select coalesce(sum(captured), 0) from holds where workspace_id = $1) as "holdsCaptured",
         (select coalesce(sum(amount), 0) from moved where entry = 'capture' and account = 'spent') as captures,
         (select count(*) from entries where workspace_id = $1) as entries,
         (select coalesce(max(seq), 0) from entries where workspace_id = $1) as last`,
      [workspaceId],
    );
    const compared = (name: string, expected: string, actual: string): Comparison => ({
      name,
      expected: BigInt(expected),
      actual: BigInt(actual),
    });
    return [
      compared('debits_equal_credits', row.debits, row.credits),
      compared('accounts_off_their_postings', '0', row.off),
      compared('held_equals_open_holds', row.open, row.held),
      compared('captures_equal_captured_holds', row.holdsCaptured, row.captures),
      {
        ...compared('spent_equals_usage', row.used, row.spent),
        explained: BigInt(row.unrecorded),
        reason: 'Charges and captures that were asked for by an amount have no usage record.',
      },
      compared('journal_without_gaps', row.last, row.entries),
    ];
  },

  /** Walks the workspace's chain from its first link. */
  async chain(): Promise<ChainState> {
    const breaks: ChainBreak[] = await db.query(walkChains('', 'where workspace_id = $1'), [workspaceId]);
    const [count]: [{ batches: number; entries: number; head: string }] = await db.query(
      `select (select count(*)::int from ledger_batches where workspace_id = $1) as batches,
         (select count(*)::int from entries where workspace_id = $1) as entries,
         coalesce((select encode(hash, 'hex') from ledger_heads where workspace_id = $1), '') as head`,
      [workspaceId],
    );
    const first = breaks[0];
    return { intact: !first, ...count, break: first ? { seq: first.seq, problem: first.problem } : null };
  },
});
export type ReconcileStore = ReturnType<typeof createReconcileStore>;

/** Compares a feature's own figures with the books; each feature that counts money adds one. */
export type ReconcileSource = (db: EntityManager, tenant: Tenant) => Promise<readonly Comparison[]>;
