import { retryTransaction } from '@atrium/service-kit';
import { createGroupCommit, type GroupCommit } from './group.commit.ts';
import { encodeOrders, touchedBy, type Order, type Outcome } from './ledger.commands.ts';
import { CURRENCY } from './money.ts';

/** Whatever runs SQL: a transaction's manager, or the pool for a statement of its own. */
interface Runner {
  query(sql: string, parameters: unknown[]): Promise<unknown>;
}

/** Decides and writes a batch of orders in one statement; the results are in the order of the orders. */
export const applyOrders = async (
  db: Runner,
  orders: readonly Order[],
  { now, newId }: { now: () => Date; newId: () => string },
): Promise<Outcome[]> => {
  const workspaces = [...new Set(orders.map(({ workspaceId }) => workspaceId))].join(',');
  const rows = (await db.query('select * from ledger_apply($1, $2, $3, $4)', [
    workspaces,
    now(),
    CURRENCY,
    encodeOrders(orders, newId),
  ])) as Outcome[];
  return rows.toSorted((one, other) => one.ord - other.ord);
};

/** The batch of one. */
export const applyOrder = async (
  db: Runner,
  order: Order,
  parts: { now: () => Date; newId: () => string },
): Promise<Outcome> => {
  const [outcome] = await applyOrders(db, [order], parts);
  if (!outcome) throw new Error('the books returned nothing for an order');
  return outcome;
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The database answered with an error about what it was given, so nothing was written and one of the batch is bad. */
const isAboutContent = (error: unknown): boolean => /^(22|23|P0|42)/.test(codeOf(error));

/**
 * Whether an order may be given again when nobody knows what became of it: its key or its reference finds what was done,
 * or it closes a hold, which happens once.
 */
const isRepeatable = ({ keyed, command }: Order): boolean =>
  keyed !== undefined || ['hold', 'charge', 'release', 'expire'].includes(command.verb);

const MOST = 200;

/** A batch that takes longer waits for a lock, or Postgres for its disk; so others need not wait behind it. */
const PATIENCE_MS = 20;

/** Group commit of the books: each batch is one statement and one transaction. */
export const createLedgerCommits = (
  db: Runner,
  parts: { now: () => Date; newId: () => string; atOnce: number },
): GroupCommit<Order, Outcome> => {
  const commits = createGroupCommit({
    execute: (orders: readonly Order[]) => applyOrders(db, orders, parts),
    // Two batches of this process never wait for each other's locks.
    ownerOf: ({ workspaceId }) => workspaceId,
    touchedBy,
    splits: isAboutContent,
    atOnce: parts.atOnce,
    patienceMs: PATIENCE_MS,
    most: MOST,
  });
  return {
    ...commits,
    // Each order of a batch that was lost goes into whatever batch is next: nobody waits for it.
    submit: (order) => retryTransaction(() => commits.submit(order), isRepeatable(order)),
  };
};
