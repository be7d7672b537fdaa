import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, toPage } from './page.ts';
import { DomainError } from './problem.ts';

describe('a cursor', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), (at, id) => {
        expect(decodeCursor(encodeCursor({ at, id }))).toEqual({ at, id });
      }),
    );
  });

  it('that no list returned is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text)).toThrow(DomainError);
      }),
    );
  });
});

/** Reads a sorted list to its end, a page at a time. */
const walk = (rows: readonly { id: string }[], limit: number): { sizes: number[]; ids: string[] } => {
  const sizes: number[] = [];
  const ids: string[] = [];
  let after = '';
  for (;;) {
    const read = rows.filter(({ id }) => id > after).slice(0, limit + 1);
    const { data, page } = toPage(
      read,
      limit,
      ({ id }) => ({ at: '', id }),
      ({ id }) => id,
    );
    sizes.push(data.length);
    ids.push(...data);
    if (page.nextCursor === null) return { sizes, ids };
    after = decodeCursor(page.nextCursor)?.id ?? '';
  }
};

describe('pages', () => {
  it('put together are the whole list, in order, with nothing twice', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (unsorted, limit) => {
        const rows = unsorted.toSorted().map((id) => ({ id }));
        const { sizes, ids } = walk(rows, limit);
        expect(ids).toEqual(rows.map(({ id }) => id));
        expect(sizes.every((size) => size <= limit)).toBe(true);
      }),
    );
  });
});
