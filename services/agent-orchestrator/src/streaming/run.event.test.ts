import { describe, expect, it } from '@jest/globals';
import { firstSeq, follows } from './run.event.ts';

describe('the number of an event', () => {
  it('begins at 1 and grows with the attempt', () => {
    expect([firstSeq(1), firstSeq(2), firstSeq(3)]).toEqual([1, 1_000_001, 2_000_001]);
  });

  it.each([
    [0, 1, true],
    [7, 8, true],
    [7, 9, false],
    [7, 7, false],
    [7, 1_000_001, true],
    [7, 1_000_002, false],
    [0, 2_000_001, true],
    [1_000_004, 8, false],
    [1_000_004, 1_000_001, false],
  ])('after %i, %i comes next: %s', (after, seq, next) => {
    expect(follows(after, seq)).toBe(next);
  });
});
