import { describe, expect, it } from '@jest/globals';
import { slugOf } from './agent.ts';

describe('a slug', () => {
  it.each([
    ['Sales', 'sales'],
    ['  Atenção ao Cliente! ', 'atencao-ao-cliente'],
    ['R2 & D2', 'r2-d2'],
    ['東京', undefined],
    [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
  ])('of %s is %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
