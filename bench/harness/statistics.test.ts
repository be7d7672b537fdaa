import { describe, expect, it } from '@jest/globals';
import { mean, median, medianInterval, quantile, seededRandom } from './statistics.ts';

describe('quantile', () => {
  it('interpolates between the closest ranks, whatever the order', () => {
    expect(quantile([40, 10, 30, 20], 0)).toBe(10);
    expect(quantile([40, 10, 30, 20], 0.5)).toBe(25);
    expect(quantile([40, 10, 30, 20], 1)).toBe(40);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  it('has nothing to say of nothing', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

it('an outlier moves the mean and not the median', () => {
  expect(median([1, 2, 3, 4, 1_000])).toBe(3);
  expect(mean([1, 2, 3, 4, 1_000])).toBe(202);
});

describe('medianInterval', () => {
  it('is a point when all values are the same', () => {
    expect(medianInterval([2, 2, 2], seededRandom(1))).toEqual([2, 2]);
  });

  it('holds the median, lies within the values, and is the same for the same seed', () => {
    const values = [1, 1.2, 1.4, 1.1, 1.3];
    const [low, high] = medianInterval(values, seededRandom(5));
    expect(low).toBeGreaterThanOrEqual(1);
    expect(low).toBeLessThan(1.2);
    expect(high).toBeGreaterThan(1.2);
    expect(high).toBeLessThanOrEqual(1.4);
    expect(medianInterval(values, seededRandom(5))).toEqual([low, high]);
  });
});

it('seeded numbers lie in [0, 1) and differ by seed', () => {
  const draw = (seed: number) => Array.from({ length: 100 }, seededRandom(seed));
  expect(draw(7).every((one) => one >= 0 && one < 1)).toBe(true);
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});
