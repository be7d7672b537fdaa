import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { apartFromRequest, withContext, type Arrival, type Context } from '../runtime/context.ts';
import { watchPool } from './pool.waits.ts';

type Done = (error: Error | undefined, client: unknown, release: () => void) => void;

/** A pool whose connections are handed out when the test says so. */
const setUp = () => {
  const queue: Done[] = [];
  const state = { released: 0 };
  const master = { connect: (done: Done) => void queue.push(done) };
  const waits = watchPool({ driver: { master } } as unknown as DataSource);
  const connect = (arrival?: Arrival, inTransaction = true, as = <T>(work: () => T): T => work()): Promise<unknown> => {
    const of = { requestId: 'r', traceparent: '', operation: 'x', inTransaction };
    const context: Context = { ...of, ...(arrival ? { arrival } : {}) };
    return withContext(context, () =>
      as(
        () =>
          new Promise((resolve, reject) =>
            master.connect((error, client) => (error ? reject(error) : resolve(client))),
          ),
      ),
    );
  };
  const hand = (): void => queue.shift()?.(undefined, 'client', () => void (state.released += 1));
  return { waits, connect, hand, state };
};

describe('watchPool', () => {
  it('tells the longest wait, of those that still wait too', async () => {
    const { waits, connect, hand } = setUp();
    const given = connect();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(waits.longestMs()).toBeGreaterThan(20);
    hand();
    expect(await given).toBe('client');
    expect(waits.longestMs()).toBeGreaterThan(20);
    expect(waits.longestMs()).toBe(0);
  });

  it('gives no connection to a request whose client left while it waited for its first one', async () => {
    const { connect, hand, state } = setUp();
    const leaving = new AbortController();
    const given = connect({ isGone: () => leaving.signal.aborted, begun: false });
    leaving.abort();
    hand();
    await expect(given).rejects.toMatchObject({ code: 'request.forsaken' });
    expect(state.released).toBe(1);
  });

  it('goes on with work that has begun, and with work that nobody waits for', async () => {
    const { connect, hand, state } = setUp();
    const leaving = new AbortController();
    const arrival = { isGone: () => leaving.signal.aborted, begun: false };
    const [first, job] = [connect(arrival), connect()];
    hand();
    await first;
    leaving.abort();
    const second = connect(arrival);
    for (let count = 0; count < 2; count += 1) hand();
    expect(await Promise.all([second, job])).toEqual(['client', 'client']);
    expect(state.released).toBe(0);
  });

  it('goes on with what a request does outside of its transaction, since others may wait for it', async () => {
    const { connect, hand } = setUp();
    const given = connect({ isGone: () => true, begun: false }, false);
    hand();
    expect(await given).toBe('client');
  });

  it('goes on with what others wait for too, after the client has left that asked first', async () => {
    const { connect, hand } = setUp();
    const given = connect({ isGone: () => true, begun: false }, true, apartFromRequest);
    hand();
    expect(await given).toBe('client');
  });
});
