import { describe, expect, it } from '@jest/globals';
import { fuseRanks } from './fusion.ts';

const ids = (...args: Parameters<typeof fuseRanks>) => fuseRanks(...args).map(({ id }) => id);

describe('fused ranks', () => {
  it('put first what several lists agree on', () => {
    expect(
      ids([
        ['a', 'b', 'c'],
        ['d', 'b', 'e'],
      ]),
    ).toEqual(['b', 'a', 'd', 'c', 'e']);
  });
  it('score by the formula', () => {
    expect(fuseRanks([['a'], ['x', 'a']])[0]).toEqual({ id: 'a', score: 1 / 61 + 1 / 62 });
  });
  it('keep a single list as it is, and nothing of nothing', () => {
    expect(ids([['c', 'a', 'b'], []])).toEqual(['c', 'a', 'b']);
    expect(ids([[], []])).toEqual([]);
  });
  it('follow the weights', () => {
    expect(ids([['a'], ['b']], { weights: [1, 2] })).toEqual(['b', 'a']);
  });
  it('count an id once per list', () => {
    expect(fuseRanks([['a', 'a', 'b']])).toEqual([
      { id: 'a', score: 1 / 61 },
      { id: 'b', score: 1 / 62 },
    ]);
  });
});
