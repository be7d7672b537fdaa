import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { takePoints } from './gcra.ts';

const rate = { burst: 10, everyMs: 100 };

describe('takePoints', () => {
  it('gives exactly the burst after a pause, and then one at a time', () => {
    let fullAt = 0;
    const take = (wanted: number, now: number) => {
      const state = takePoints(rate, fullAt, wanted, now);
      fullAt = state.fullAt;
      return state;
    };
    expect(take(4, 5_000)).toMatchObject({ granted: 4, left: 6, waitMs: 0, fullInMs: 400 });
    expect(take(8, 5_000)).toMatchObject({ granted: 6, left: 0, waitMs: 100, fullInMs: 1_000 });
    expect(take(1, 5_099)).toMatchObject({ granted: 0, waitMs: 1 });
    expect(take(1, 5_100)).toMatchObject({ granted: 1, left: 0, waitMs: 100 });
    expect(take(20, 9_000)).toMatchObject({ granted: 10 });
  });

  it('never gives more than the burst and what has come since, and nearly that much to whoever keeps asking', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 5 }))), (steps) => {
        let [now, fullAt, granted] = [1_000, 0, 0];
        for (const [pause, wanted] of steps) {
          now += pause;
          const state = takePoints(rate, fullAt, wanted, now);
          fullAt = state.fullAt;
          granted += state.granted;
          expect(granted).toBeLessThanOrEqual(rate.burst + (now - 1_000) / rate.everyMs + 1e-6);
          if (state.granted < wanted) expect(granted).toBeGreaterThan(rate.burst + (now - 1_000) / rate.everyMs - 10.5);
        }
      }),
    );
  });
});
