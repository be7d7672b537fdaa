import { DataSource } from 'typeorm';
import { walkChains, type ChainBreak } from './ledger.chain.ts';

/** What an operator is told of all books. */
export interface LedgerReport {
  readonly entries: number;
  readonly batches: number;
  readonly workspaces: number;
  /** Workspaces whose balances are not what their postings make them, or do not sum to zero. */
  readonly unbalanced: readonly string[];
  /** The first break of each chain that does not hold. */
  readonly breaks: readonly ChainBreak[];
}

/**
 * Checks the books of an installation: every entry is where and what it was when it was booked, and all sums are zero.
 * @param adminUrl a role that row-level security does not hold back
 * @throws Error when the role would see only part of the rows
 */
export const verifyLedger = async ({ adminUrl }: { adminUrl: string }): Promise<LedgerReport> => {
  const db = new DataSource({ type: 'postgres', url: adminUrl, installExtensions: false, extra: { max: 1 } });
  await db.initialize();
  try {
    const [role]: { sees: boolean }[] = await db.query(
      `select rolsuper or rolbypassrls as sees from pg_roles where rolname = current_user`,
    );
    if (!role?.sees)
      throw new Error('The books can only be checked by a database role that is a superuser or has BYPASSRLS.');
    const [count]: [{ entries: number; batches: number; workspaces: number }] = await db.query(
      `select (select count(*)::int from billing.entries) as entries,
         (select count(*)::int from billing.ledger_batches) as batches,
         (select count(*)::int from billing.ledger_heads) as workspaces`,
    );
    const unbalanced: { workspaceId: string }[] = await db.query(
      `select a.workspace_id as "workspaceId" from billing.accounts a
       left join (select account_id, sum(amount) as amount from billing.postings group by 1) p on p.account_id = a.id
       group by 1, a.currency having sum(a.balance) <> 0 or bool_or(a.balance <> coalesce(p.amount, 0)) order by 1`,
    );
    const breaks: ChainBreak[] = await db.query(walkChains('billing.', ''));
    return { ...count, unbalanced: unbalanced.map(({ workspaceId }) => workspaceId), breaks };
  } finally {
    await db.destroy();
  }
};
