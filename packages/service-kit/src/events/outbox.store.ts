import { serviceNames, type EventEnvelope } from '@atrium/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { Tenant } from '../data/tenant.ts';
import { MAX_ATTEMPTS, retryDelay, type Acknowledgement } from './delivery.ts';
import { createOutboxFloor, type OutboxFloor } from './outbox.floor.ts';

/** A delivery taken for publishing. */
export interface Delivery {
  readonly seq: string;
  readonly subscriber: string;
  readonly envelope: EventEnvelope;
}

/** A delivery that was given up and waits for a person. */
export interface DeadLetter {
  readonly seq: string;
  readonly eventId: string;
  readonly subscriber: string;
  readonly type: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
}

/**
 * Takes due deliveries of each subscriber in order. A delivery waits while an earlier one of the same subscriber and key
 * is under way or backing off; the advisory lock lets one relay take at a time, so two replicas cannot split a key.
 *
 * The cost must not grow with the backlog. So few are under way at once that few others wait for them, and the scalar
 * sub-select is one look into `outbox_holding` for each row; as `not exists` it may become a join over all of them.
 * Nor with what cannot be cleaned up: nothing that is open lies below the floor ($4).
 */
const TAKE = `
  with due as materialized (
    select next.place from unnest($1::text[]) as s (subscriber) cross join lateral (
      select o.ctid as place from outbox o
      where o.subscriber = s.subscriber and o.state = 'pending' and o.seq >= $4 and o.next_attempt_at <= now()
        and (
          select true from outbox p
          where p.subscriber = o.subscriber and p.key = o.key and p.seq < o.seq and p.seq >= $4
            and (p.state = 'published' or p.state = 'pending' and p.attempts > 0)
            and (p.state = 'published' or p.next_attempt_at > now())
          limit 1) is null
      order by o.seq
      limit least($2, greatest(0, $3 - (
        select count(*) from outbox u
        where u.subscriber = s.subscriber and u.state = 'published' and u.seq >= $4)))
      for update skip locked) next)
  update outbox o set state = 'published', published_at = now()
  from due where o.ctid = due.place
  returning o.seq, o.subscriber, o.envelope`;

/**
 * Lets a transaction commit without waiting for the disk. For marks that may be lost in a crash: the delivery is then
 * published once more and the consumer's inbox, which is written with its effects and waited for, absorbs it.
 */
const WITHOUT_WAITING = `set_config('synchronous_commit', 'off', true)`;

/** Deliveries under way to one subscriber; one that is away fills its own share and holds up nobody else. */
const UNDER_WAY = 1_000;

/** The publisher's side of the outbox table; no tenant, since the relay serves all of them. */
export const createOutboxStore = (
  db: DataSource,
  random: () => number,
  floor: OutboxFloor = createOutboxFloor(serviceNames),
) => ({
  /**
   * Takes deliveries and has them published before it commits: of a relay that dies in between nothing is left, and
   * another takes them at once. What was published twice is absorbed by the consumer's inbox.
   * @param limit for each subscriber
   * @returns how many were taken
   */
  async take(limit: number, publish: (deliveries: readonly Delivery[]) => Promise<void>): Promise<number> {
    return db.transaction(async (manager) => {
      const [lock]: [{ taken: boolean }] = await manager.query(
        `select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) as taken, ${WITHOUT_WAITING}`,
      );
      if (!lock.taken) return 0;
      await floor.seek(manager);
      const [rows]: [Delivery[], number] = await manager.query(TAKE, [serviceNames, limit, UNDER_WAY, floor.seq]);
      floor.taken(rows.map(({ seq }) => Number(seq)));
      if (rows.length > 0) await publish(rows.sort((a, b) => Number(BigInt(a.seq) - BigInt(b.seq))));
      return rows.length;
    });
  },

  /** News may come before the transaction that published has committed, so its rows are waited for before they are judged. */
  async settle(acks: readonly Acknowledgement[]): Promise<void> {
    const of = (outcome: Acknowledgement['outcome']) => acks.filter((ack) => ack.outcome === outcome);
    const pairs = (some: readonly Acknowledgement[]) => [
      some.map(({ eventId }) => eventId),
      some.map(({ subscriber }) => subscriber),
    ];
    const handled = of('handled');
    if (handled.length > 0) {
      await db.query(
        `delete from outbox o using unnest($1::uuid[], $2::text[]) as a(event_id, subscriber), (select ${WITHOUT_WAITING}) s
       where o.event_id = a.event_id and o.subscriber = a.subscriber`,
        pairs(handled),
      );
    }
    const deferred = of('deferred');
    if (deferred.length > 0) {
      await db.query(
        `with settled as materialized (
         select o.seq, o.state from outbox o join unnest($1::uuid[], $2::text[]) as a(event_id, subscriber)
           on o.event_id = a.event_id and o.subscriber = a.subscriber for update of o)
       update outbox o set state = 'pending' from settled s where o.seq = s.seq and s.state = 'published'`,
        pairs(deferred),
      );
    }
    for (const ack of [...of('failed'), ...of('rejected')]) {
      const [row]: [{ attempts: number } | undefined] = await db.query(
        `select attempts from outbox where event_id = $1 and subscriber = $2 for update`,
        [ack.eventId, ack.subscriber],
      );
      if (!row) continue;
      const dead = ack.outcome === 'rejected' || row.attempts + 1 >= MAX_ATTEMPTS;
      await db.query(
        `update outbox set attempts = attempts + 1, last_error = $3, state = $4,
         next_attempt_at = now() + make_interval(secs => $5)
       where event_id = $1 and subscriber = $2 and state = 'published'`,
        [
          ack.eventId,
          ack.subscriber,
          ack.error ?? null,
          dead ? 'dead' : 'pending',
          retryDelay(row.attempts, random) / 1000,
        ],
      );
    }
  },

  /**
   * Publishes again what was never acknowledged; the consumer's inbox absorbs what was handled after all.
   * @param olderThanSeconds 0 when the queue is known to have been wiped
   */
  async reopen(olderThanSeconds: number): Promise<number> {
    const [, count]: [unknown, number] = await db.query(
      `update outbox set state = 'pending'
     where state = 'published' and published_at <= now() - make_interval(secs => $1)`,
      [olderThanSeconds],
    );
    return count;
  },

  /** How far each subscriber is behind with what a workspace told it. */
  async lag(workspaceId: string): Promise<{ subscriber: string; waiting: number; dead: number; lagSeconds: number }[]> {
    const rows: { subscriber: string; waiting: number; dead: number; lagSeconds: number }[] = await db.query(
      `select subscriber, count(*) filter (where state <> 'dead')::int as waiting,
       count(*) filter (where state = 'dead')::int as dead,
       coalesce(extract(epoch from now() - min(created_at) filter (where state <> 'dead')), 0)::float8 as "lagSeconds"
     from outbox where workspace_id = $1 group by subscriber`,
      [workspaceId],
    );
    const none = { waiting: 0, dead: 0, lagSeconds: 0 };
    return serviceNames.map(
      (subscriber) => rows.find((row) => row.subscriber === subscriber) ?? { subscriber, ...none },
    );
  },

  async deadLetters(workspaceId: string, limit: number): Promise<DeadLetter[]> {
    return db.query(
      `select seq, event_id as "eventId", subscriber, type, attempts,
       last_error as "lastError", created_at as "createdAt"
     from outbox where state = 'dead' and workspace_id = $1 order by seq limit $2`,
      [workspaceId, limit],
    );
  },
});
export type OutboxStore = ReturnType<typeof createOutboxStore>;

/** Dead deliveries of one workspace, inside a transaction. */
export const createDeadLetters = ({ manager, tenant }: { manager: EntityManager; tenant: Tenant }) => ({
  /** Tries a dead delivery again from the beginning; false when there is none. */
  async replay(eventId: string, subscriber: string): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `update outbox set state = 'pending', attempts = 0, next_attempt_at = now()
       where event_id = $1 and subscriber = $2 and workspace_id = $3 and state = 'dead'`,
      [eventId, subscriber, tenant.workspaceId],
    );
    return count > 0;
  },
});
export type DeadLetters = ReturnType<typeof createDeadLetters>;
