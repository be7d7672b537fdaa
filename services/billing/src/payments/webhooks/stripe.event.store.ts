import type { EntityManager } from 'typeorm';
import type { StripeEvent } from './stripe.event.ts';

export type EventOutcome = 'applied' | 'ignored' | 'failed';

/** Deliveries by their id. They come before it is known whose they are, so they belong to no workspace. */
export const createStripeEventStore = (db: EntityManager) => ({
  /** @returns false when it came before */
  async add({ id, type }: StripeEvent, subject: string | undefined, at: Date): Promise<boolean> {
    const rows: unknown[] = await db.query(
      `insert into stripe_events (id, type, subject, status, received_at) values ($1, $2, $3, $4, $5)
       on conflict (id) do nothing returning id`,
      [id, type, subject ?? '', subject === undefined ? 'ignored' : 'received', at],
    );
    return rows.length > 0;
  },
  async subject(id: string): Promise<string | undefined> {
    const [row]: [{ subject: string } | undefined] = await db.query(
      `select subject from stripe_events where id = $1 and status = 'received'`,
      [id],
    );
    return row?.subject;
  },
  async close(id: string, status: EventOutcome, note: string | null, at: Date): Promise<void> {
    await db.query(`update stripe_events set status = $2, note = $3, applied_at = $4 where id = $1`, [
      id,
      status,
      note,
      at,
    ]);
  },
});
export type StripeEventStore = ReturnType<typeof createStripeEventStore>;
