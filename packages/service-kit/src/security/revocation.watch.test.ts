import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Revocation } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { watchRevocations } from './revocation.watch.ts';

const [userId, sessionId, workspaceId] = [randomUUID(), randomUUID(), randomUUID()];
const identity = { tenant: { userId, workspaceId, role: 'member' as const }, sessionId, issuedAt: 0 };
const ended = (id: string): Revocation => ({ kind: 'session', id, at: 1, until: Number.MAX_SAFE_INTEGER });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A watch with a Redis and an auth that the test steers, and a clock that it sets. */
const start = () => {
  const world = { now: 1_000_000, asked: [] as (number | undefined)[], known: [] as Revocation[], away: false };
  const redis = Object.assign(new EventEmitter(), { status: 'connecting', subscribe: () => Promise.resolve(1) });
  const watch = watchRevocations({
    source: {
      async load(since) {
        world.asked.push(since);
        if (world.away) throw new Error('auth is away');
        return { now: world.now, revocations: world.known };
      },
    },
    redis: redis as unknown as Redis,
    prefix: 'test',
    log: { warn: () => undefined } as never,
    now: () => world.now,
  });
  watch.close();
  const hear = (revocations: Revocation[] = []) => redis.emit('message', 'x', JSON.stringify({ revocations }));
  return {
    world,
    watch,
    hear,
    connect: async () => {
      redis.emit('ready');
      await settled();
      hear();
    },
    disconnect: () => redis.emit('close'),
    /** `undefined`: let in without waiting. */
    ask: async () => {
      try {
        const pending = watch.check(identity);
        return pending === undefined ? 'at once' : await pending.then(() => 'after asking');
      } catch (error) {
        return (error as { code: string }).code;
      }
    },
  };
};

describe('watchRevocations', () => {
  it('asks nobody while auth is heard', async () => {
    const { connect, ask, hear, world } = start();
    await connect();
    expect(world.asked).toEqual([undefined]);
    expect(await ask()).toBe('at once');
    hear([ended(sessionId)]);
    expect(await ask()).toBe('token.revoked');
    expect(world.asked).toHaveLength(1);
  });

  it('asks when auth falls silent, though Redis answers, and no more often than is needed', async () => {
    const { connect, ask, world, hear } = start();
    await connect();
    world.now += 701;
    for (let one = 0; one < 5; one += 1) expect(await ask()).toBe('after asking');
    expect(world.asked).toHaveLength(2);
    world.now += 251;
    world.known = [ended(sessionId)];
    expect(await ask()).toBe('token.revoked');
    // It asks for what is new, a little further back than it was told before.
    expect(world.asked[2]).toBeLessThan(1_000_701);
    hear();
    expect(await ask()).toBe('token.revoked');
  });

  it('asks once for many that come at once', async () => {
    const { ask, world } = start();
    await Promise.all(Array.from({ length: 20 }, ask));
    expect(world.asked).toHaveLength(1);
  });

  it('asks again after every break of the connection, whatever it hears then', async () => {
    const { connect, disconnect, ask, world } = start();
    await connect();
    disconnect();
    world.now += 300;
    expect(await ask()).toBe('after asking');
    world.known = [ended(sessionId)];
    await connect();
    expect(await ask()).toBe('token.revoked');
  });

  it('lets nobody in before it knew anything', async () => {
    const { ask, world } = start();
    world.away = true;
    expect(await ask()).toBe('token.revocations_unavailable');
    world.away = false;
    world.now += 1_001;
    expect(await ask()).toBe('after asking');
  });

  it('goes on while auth alone is away, for nothing can be revoked then, and does not wait for it each time', async () => {
    const { connect, ask, world } = start();
    await connect();
    world.away = true;
    world.now += 60_000;
    for (let one = 0; one < 5; one += 1) expect(await ask()).toBe('after asking');
    expect(world.asked).toHaveLength(2);
  });

  it('goes on for five seconds without either', async () => {
    const { connect, disconnect, ask, world } = start();
    await connect();
    disconnect();
    world.away = true;
    world.now += 4_000;
    expect(await ask()).toBe('after asking');
    world.now += 2_000;
    expect(await ask()).toBe('token.revocations_unavailable');
  });
});
