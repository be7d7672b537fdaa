import { describe, expect, it } from '@jest/globals';
import { inWords, LARGEST_AMOUNT, toWire } from './money.ts';

describe('an amount', () => {
  it.each([
    [0n, '0.00 USD'],
    [24n, '0.000024 USD'],
    [5_000_000n, '5.00 USD'],
    [1_500_000n, '1.50 USD'],
    [12_345_600n, '12.3456 USD'],
  ])('of %s micro-units reads %s', (amount, words) => {
    expect(inWords(amount)).toBe(words);
  });

  it('goes over the wire exactly or not at all', () => {
    expect(toWire(LARGEST_AMOUNT)).toBe(Number.MAX_SAFE_INTEGER);
    expect(toWire(-5n)).toBe(-5);
    expect(() => toWire(LARGEST_AMOUNT + 1n)).toThrow(RangeError);
    expect(() => toWire(-LARGEST_AMOUNT - 1n)).toThrow(RangeError);
  });
});
