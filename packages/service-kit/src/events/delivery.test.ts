import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryDelay } from './delivery.ts';

describe('retryDelay', () => {
  it('doubles from half a second to five minutes, within 30 % either way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const base = Math.min(500 * 2 ** attempts, 300_000);
        const delay = retryDelay(attempts, () => random);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(base * 0.7));
        expect(delay).toBeLessThanOrEqual(Math.ceil(base * 1.3));
      }),
    );
  });
});
