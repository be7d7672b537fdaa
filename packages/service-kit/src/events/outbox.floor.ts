import type { EntityManager } from 'typeorm';

/**
 * The lowest `seq` that the relay looks at. While somebody holds a snapshot open, what was published and deleted since
 * then cannot be cleaned up, and every look from the beginning would pass all of it.
 */
export interface OutboxFloor {
  /** Looks for the floor anew when it is time to. */
  seek(manager: EntityManager): Promise<void>;
  /** @param seqs of deliveries that were just taken */
  taken(seqs: readonly number[]): void;
  readonly seq: number;
}

/** The first delivery that is not closed, to any of these subscribers; null where there is none. */
const FIRST = `
  select min(x.seq)::float8 as first from unnest($1::text[]) as s (subscriber) cross join lateral (
    (select o.seq from outbox o where o.subscriber = s.subscriber and o.state = 'pending' order by o.seq limit 1)
    union all
    (select min(p.seq) from outbox p where p.subscriber = s.subscriber and p.state = 'published')) x`;

/**
 * So far below the newest the floor stays, since a transaction may commit after others whose numbers are higher. What
 * commits later still is found when the floor is next looked for.
 */
const SLACK = 5_000;
const LEAST_PAUSE_MS = 1_000;
/** Looking takes at most this share of the time, however long it takes. */
const SHARE = 0.05;

/** @param clock ms */
export const createOutboxFloor = (
  subscribers: readonly string[],
  clock: () => number = () => performance.now(),
): OutboxFloor => {
  let [seq, newest, next] = [0, 0, 0];
  return {
    async seek(manager) {
      const began = clock();
      if (began < next) return;
      const [row]: [{ first: number | null }] = await manager.query(FIRST, [subscribers]);
      const ended = clock();
      seq = Math.max(0, Math.min(row.first ?? Infinity, newest - SLACK));
      next = ended + Math.max(LEAST_PAUSE_MS, (ended - began) / SHARE);
    },
    taken(seqs) {
      newest = seqs.reduce((most, one) => Math.max(most, one), newest);
    },
    get seq() {
      return seq;
    },
  };
};
