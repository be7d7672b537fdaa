import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBreaker, throughBreaker, type Attempt, type Breaker } from './breaker.ts';

const begin = (breaker: Breaker, now: number): Attempt => {
  const attempt = breaker.begin(now);
  if (typeof attempt === 'number') throw new Error(`refused for ${attempt} ms`);
  return attempt;
};
const fail = (breaker: Breaker, times: number, now: number): void => {
  for (let at = 0; at < times; at += 1) begin(breaker, now).failed(now);
};

describe('createBreaker', () => {
  it('stays closed below the number of failures in a row', () => {
    const breaker = createBreaker({ failures: 3, openMs: 1_000 });
    fail(breaker, 2, 0);
    begin(breaker, 0).succeeded();
    fail(breaker, 2, 0);
    expect(breaker.state(0)).toBe('closed');
  });

  it('opens, says how long, and then lets exactly one try an interval', () => {
    const breaker = createBreaker({ failures: 3, openMs: 1_000 });
    fail(breaker, 3, 100);
    expect(breaker.begin(600)).toBe(500);
    expect(breaker.state(1_100)).toBe('trying');
    begin(breaker, 1_100);
    expect(breaker.begin(1_100)).toBe(1_000);
    // The first try hangs; the next interval has its own.
    begin(breaker, 2_100).succeeded();
    expect(breaker.state(2_100)).toBe('closed');
  });

  it('stays open when the try fails', () => {
    const breaker = createBreaker({ failures: 1, openMs: 1_000 });
    fail(breaker, 1, 0);
    begin(breaker, 1_000).failed(1_500);
    expect(breaker.begin(1_600)).toBe(400);
    begin(breaker, 2_000).succeeded();
    expect([breaker.state(2_001), typeof breaker.begin(2_001)]).toEqual(['closed', 'object']);
  });

  it('does not listen to what was begun before it opened or closed', () => {
    const breaker = createBreaker({ failures: 1, openMs: 1_000 });
    const [early, late] = [begin(breaker, 0), begin(breaker, 0)];
    fail(breaker, 1, 0);
    early.succeeded();
    expect(breaker.state(10)).toBe('open');
    begin(breaker, 1_000).succeeded();
    late.failed(1_100);
    expect(breaker.state(1_100)).toBe('closed');
  });

  it('never lets two try within an interval of a target that is down', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 }), (steps) => {
        const breaker = createBreaker({ failures: 2, openMs: 1_000 });
        fail(breaker, 2, 0);
        let [now, last] = [0, 0];
        for (const step of steps) {
          now += step;
          const attempt = breaker.begin(now);
          if (typeof attempt === 'number') continue;
          expect(now - last).toBeGreaterThanOrEqual(1_000);
          last = now;
          if (now % 2 === 0) attempt.failed(now);
        }
      }),
    );
  });
});

describe('throughBreaker', () => {
  it('counts outages and no other errors', async () => {
    const breaker = createBreaker({ failures: 2, openMs: 1_000 });
    const rules = {
      now: () => 0,
      tells: (error: unknown) => (/down|up/.exec(String(error))?.[0] ?? 'nothing') as 'up' | 'down' | 'nothing',
      refuse: (waitMs: number) => new Error(`left alone for ${waitMs} ms`),
    };
    const ask = (message: string) => throughBreaker(breaker, () => Promise.reject(new Error(message)), rules);
    for (const message of ['down', 'up', 'down', 'up']) await expect(ask(message)).rejects.toThrow(message);
    expect(breaker.state(0)).toBe('closed');
    await expect(ask('down')).rejects.toThrow('down');
    await expect(ask('gave it')).rejects.toThrow('gave it');
    await expect(ask('down')).rejects.toThrow('down');
    await expect(ask('down')).rejects.toThrow('left alone for 1000 ms');
  });
});
