import type { DataSource } from 'typeorm';
import { DomainError } from '../http/problem.ts';
import { currentContext, type Arrival } from '../runtime/context.ts';

type Done = (error: Error | undefined, client: unknown, release: (error?: Error) => void) => void;

/** The part of a pg pool that hands out connections. */
interface Pool {
  connect(done?: Done): unknown;
}

/** How long work waits for connections to the database. */
export interface PoolWaits {
  /** The longest wait since this was last asked, of those that ended and those that still wait; ms. */
  longestMs(): number;
}

/** The request ended before its work began, so nobody needs the work any more. */
const isForsaken = (arrival: Arrival | undefined): boolean =>
  arrival !== undefined && !arrival.begun && arrival.isGone();

const forsaken = (): DomainError => new DomainError('request.forsaken', 499, 'The client left before the work began.');

/**
 * Measures the waits for a connection, and gives none to the transaction of a request that waited for its first one until
 * its client left: otherwise a slow database would work for those who ask again and again, and for nobody else.
 */
export const watchPool = (db: DataSource): PoolWaits => {
  const pool = (db.driver as unknown as { readonly master: Pool }).master;
  const connect = pool.connect.bind(pool);
  const waiting = new Set<number>();
  let longest = 0;
  let tickets = 0;
  pool.connect = (done) => {
    if (!done) return connect();
    const context = currentContext();
    // Outside of its transaction a request may be the one that does the work of others too, as of a batch.
    const arrival = context?.inTransaction ? context.arrival : undefined;
    // Added to the time, so that two of one moment are told apart.
    const began = performance.now() + (tickets = (tickets + 1) % 1_000) * 1e-9;
    waiting.add(began);
    return connect((error, client, release) => {
      waiting.delete(began);
      longest = Math.max(longest, performance.now() - began);
      if (!error && isForsaken(arrival)) {
        release();
        return done(forsaken(), undefined, release);
      }
      if (arrival) arrival.begun = true;
      done(error, client, release);
    });
  };
  return {
    longestMs() {
      const [oldest] = waiting;
      const found = oldest === undefined ? longest : Math.max(longest, performance.now() - oldest);
      longest = 0;
      return found;
    },
  };
};
