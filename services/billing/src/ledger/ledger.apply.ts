import { createGroupCommit, type GroupCommit } from './group.commit.ts';
import { encodeOrders, touchedBy, type Order, type Outcome } from './ledger.commands.ts';
import { CURRENCY } from './money.ts';

/** Whatever runs SQL: a transaction's manager, or the pool for a statement of its own. */
interface Runner {
  query(sql: string, parameters: unknown[]): Promise<unknown>;
}

/** Decides and writes a batch of orders in one statement; the results are in the order of the orders. */
const applyOrders = async (
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

/** The database gave up on the whole statement and nothing of it was written: it may be tried again as it is. */
const isRolledBack = (error: unknown): boolean =>
  ['40001', '40P01'].includes(codeOf(error)) ||
  (codeOf(error) === '0A000' && error instanceof Error && error.message.includes('cached plan'));

/** The database answered with an error about what it was given, so nothing was written and one of the batch is bad. */
const isAboutContent = (error: unknown): boolean => /^(22|23|P0|42)/.test(codeOf(error));

const MOST = 200;
const TRIES = 3;

/** A workspace always has the same lane, so two batches of this process never wait for each other's locks. */
const laneOf = ({ workspaceId }: Order): number => Number.parseInt(workspaceId.slice(-6), 16);

/** Group commit of the books: each batch is one statement and one transaction. */
export const createLedgerCommits = (
  db: Runner,
  parts: { now: () => Date; newId: () => string; lanes: number },
): GroupCommit<Order, Outcome> =>
  createGroupCommit({
    execute: async (orders) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await applyOrders(db, orders, parts);
        } catch (error) {
          if (tries === TRIES || !isRolledBack(error)) throw error;
        }
      }
    },
    lanes: parts.lanes,
    laneOf,
    touchedBy,
    splits: isAboutContent,
    most: MOST,
  });
