import { describe, expect, it } from '@jest/globals';
import { compare, createVectorCache, type VersionVectors } from './vector.cache.ts';
import { encodeNumbers } from './vector.index.ts';

const vectors = (...rows: [string, number[]][]): VersionVectors => ({
  ids: rows.map(([id]) => id),
  values: Float32Array.from(rows.flatMap(([, row]) => row)),
});

describe('comparing', () => {
  const version = vectors(['same', [1, 0]], ['near', [0.8, 0.6]], ['across', [0, 1]], ['against', [-1, 0]]);
  it('gives the cosine of every vector that is like enough', () => {
    expect(compare(version, Float32Array.of(1, 0), 0.5)).toEqual([
      { id: 'same', similarity: 1 },
      { id: 'near', similarity: expect.closeTo(0.8) },
    ]);
    expect(compare(version, Float32Array.of(1, 0), -1)).toHaveLength(4);
  });
  it('finds nothing in a version without vectors', () => {
    expect(compare(vectors(), Float32Array.of(1, 0), -1)).toEqual([]);
  });
});

describe('the cache', () => {
  const some = (rows: number) => vectors(...Array.from({ length: rows }, (): [string, number[]] => ['id', [1, 0]]));
  const bytes = 2 * 4 + 80;
  it('lets go of what was used longest ago', () => {
    const cache = createVectorCache(bytes * 3);
    for (const key of ['a', 'b', 'c']) cache.set(key, some(1));
    cache.get('a');
    cache.set('d', some(1));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  });
  it('counts a replaced entry once, and holds nothing larger than itself', () => {
    const cache = createVectorCache(bytes * 3);
    for (let at = 0; at < 5; at += 1) cache.set('a', some(2));
    cache.set('b', some(1));
    expect(cache.get('a')).toBeDefined();
    cache.set('large', some(4));
    expect(['a', 'b', 'large'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined]);
  });
});

it('numbers are written short and without an exponent that SQL would not read', () => {
  expect(encodeNumbers(Float32Array.of(0.1, -0.5, 1, 1e-9, 0.123456789))).toBe('0.1,-0.5,1,0,0.123457');
});
