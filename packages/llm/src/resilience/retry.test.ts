import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryDelay } from './retry.ts';

const rules = { attempts: 3, baseMs: 500, maxMs: 8_000 };
const passing = { retryable: true, retryAfterMs: undefined };

describe('the pause before another try', () => {
  it.each([
    [1, 0, 250],
    [1, 0.999_999_9, 500],
    [2, 0, 500],
  ])('try %i with chance %d waits about %i ms', (attempt, random, expected) => {
    expect(retryDelay(passing, attempt, rules, random)).toBeCloseTo(expected, 0);
  });

  it('does not come after the last try or for an error that stays', () => {
    expect(retryDelay(passing, 3, rules, 0)).toBeUndefined();
    expect(retryDelay({ ...passing, retryable: false }, 1, rules, 0)).toBeUndefined();
  });

  it('is at least what the provider asked for, and none when that is too long', () => {
    expect(retryDelay({ retryable: true, retryAfterMs: 3_000 }, 1, rules, 0)).toBe(3_000);
    expect(retryDelay({ retryable: true, retryAfterMs: 60_000 }, 1, rules, 0)).toBeUndefined();
  });

  it('is never longer than the rules allow', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelay(passing, attempt, { ...rules, attempts: 100 }, random);
          expect(delay).toBeGreaterThanOrEqual(rules.baseMs / 2);
          expect(delay).toBeLessThanOrEqual(rules.maxMs);
        },
      ),
    );
  });
});
