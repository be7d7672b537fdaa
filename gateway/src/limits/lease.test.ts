import { describe, expect, it } from '@jest/globals';
import { takePoints } from '@atrium/resilience';
import { createLeases, type Grant, type Verdict } from './lease.ts';

/** A bucket as Redis keeps it; one for each key. */
const createBucket = (limit: number, windowMs: number, clock: { now: number }) => {
  const full = new Map<string, number>();
  let asked = 0;
  return {
    asked: () => asked,
    async ask(key: string, points: number): Promise<Grant> {
      asked += 1;
      await Promise.resolve();
      const rate = { burst: limit, everyMs: windowMs / limit };
      const { fullAt, ...grant } = takePoints(rate, full.get(key) ?? 0, points, clock.now);
      full.set(key, fullAt);
      return grant;
    },
  };
};

const setUp = (limit: number, gateways = 1) => {
  const clock = { now: 1_000 };
  const counter = createBucket(limit, 60_000, clock);
  const takers = Array.from({ length: gateways }, () =>
    createLeases({ limit, keepMs: 15_000, ask: counter.ask, now: () => clock.now }),
  );
  const burst = async (key: string, requests: number): Promise<number> => {
    const verdicts = await Promise.all(
      Array.from({ length: requests }, async (_, at): Promise<Verdict | undefined> => takers[at % gateways]?.(key)),
    );
    return verdicts.filter((verdict) => verdict?.allowed).length;
  };
  return {
    clock,
    counter,
    burst,
    take: takers[0] ?? (() => ({ allowed: false, remaining: 0, waitMs: 0, fullInMs: 0 })),
  };
};

describe('createLeases', () => {
  it.each([1, 3, 60, 199, 200, 1_000, 6_000])('lets exactly %p requests of a burst pass', async (limit) => {
    const { burst } = setUp(limit);
    expect(await burst('a', limit + 500)).toBe(limit);
  });

  it.each([60, 1_000, 6_000])('stays within 2 %% below a limit of %p with three gateways', async (limit) => {
    const { burst } = setUp(limit, 3);
    const passed = await burst('a', limit * 2);
    expect(passed).toBeLessThanOrEqual(limit);
    expect(passed).toBeGreaterThanOrEqual(limit * 0.98);
  });

  it('asks the counter once in a block, and not at all once it is spent', async () => {
    const { burst, counter } = setUp(1_000);
    await burst('a', 100);
    expect(counter.asked()).toBe(10);
    await burst('a', 900);
    await burst('a', 1);
    const spent = counter.asked();
    expect(await burst('a', 500)).toBe(0);
    expect(counter.asked()).toBe(spent);
  });

  it('gives exactly the limit again after a pause, without carrying points over', async () => {
    const { burst, clock } = setUp(1_000);
    expect(await burst('a', 5)).toBe(5);
    clock.now += 60_000;
    expect(await burst('a', 2_000)).toBe(1_000);
    clock.now += 60_000;
    expect(await burst('a', 2_000)).toBe(1_000);
  });

  it.each([60, 1_000])('lets a limit of %p pass evenly in the windows after a burst', async (limit) => {
    const { burst, clock } = setUp(limit, 3);
    await burst('a', limit * 2);
    let passed = 0;
    for (let step = 0; step < 600; step += 1) {
      clock.now += 100;
      passed += await burst('a', 30);
    }
    expect(Math.abs(passed - limit)).toBeLessThanOrEqual(limit * 0.02);
  });

  it('counts each key by itself', async () => {
    const { burst } = setUp(3);
    expect(await burst('a', 5)).toBe(3);
    expect(await burst('b', 5)).toBe(3);
  });

  it('says what is left', async () => {
    const { take } = setUp(1_000);
    expect(await take('a')).toEqual({ allowed: true, remaining: 999, waitMs: 0, fullInMs: 600 });
    expect(take('a')).toEqual({ allowed: true, remaining: 998, waitMs: 0, fullInMs: 600 });
  });
});
