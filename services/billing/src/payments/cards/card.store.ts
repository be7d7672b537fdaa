import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';

/** A card that may be charged without its owner; its number is at Stripe alone. */
export interface SavedCard {
  readonly customerId: string;
  readonly methodId: string;
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly savedBy: string | null;
  readonly savedAt: Date;
}

/** The checkout at which a card was saved. */
export interface CardSession {
  readonly sessionId: string;
  readonly begunAt: Date;
}

const CARD = `customer_id as "customerId", method_id as "methodId", brand, last4, exp_month as "expMonth",
  exp_year as "expYear", saved_by as "savedBy", saved_at as "savedAt"`;

/** The card of a workspace: at most one. Written while its books are locked. */
export const createCardStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async find(): Promise<SavedCard | undefined> {
    const [row]: [SavedCard | undefined] = await db.query(
      `select ${CARD} from payment_cards where workspace_id = $1 and method_id is not null`,
      [workspaceId],
    );
    return row;
  },

  /** Keeps a card, unless a later checkout saved one: checkouts are told of in any order, and more than once. */
  async save(card: SavedCard, { sessionId, begunAt }: CardSession): Promise<boolean> {
    const rows: unknown[] = await db.query(
      `insert into payment_cards as known (workspace_id, session_id, begun_at, customer_id, method_id, brand, last4,
         exp_month, exp_year, saved_by, saved_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (workspace_id) do update set session_id = $2, begun_at = $3, customer_id = $4, method_id = $5,
         brand = $6, last4 = $7, exp_month = $8, exp_year = $9, saved_by = $10, saved_at = $11
       where known.begun_at < $3 or (known.begun_at = $3 and known.session_id <> $2)
       returning workspace_id`,
      [
        ...[workspaceId, sessionId, begunAt, card.customerId, card.methodId, card.brand, card.last4],
        ...[card.expMonth, card.expYear, card.savedBy, card.savedAt],
      ],
    );
    return rows.length > 0;
  },

  /** Forgets the card, and keeps that its checkout is over. */
  async remove(): Promise<void> {
    await db.query(
      `update payment_cards set customer_id = null, method_id = null, brand = null, last4 = null, exp_month = null,
         exp_year = null, saved_by = null where workspace_id = $1`,
      [workspaceId],
    );
  },
});
export type CardStore = ReturnType<typeof createCardStore>;
