import { encodeCursor } from '@atrium/service-kit';
import { describe, expect, it } from '@jest/globals';
import { placeOf } from './place.ts';

const id = '01900000-0000-7000-8000-000000000001';

describe('the place where a page ended', () => {
  it('is read from the cursor of a list', () => {
    const place = { at: '2026-03-10T12:00:00.123456Z', id };
    expect(placeOf(encodeCursor(place))).toEqual(place);
    expect(placeOf(undefined)).toBeUndefined();
  });

  it('is refused when it is no moment', () => {
    for (const at of [
      '',
      'now',
      '0000-01-01T00:00:00.000000Z',
      '2026-13-10T12:00:00.000000Z',
      '2026-03-10T25:00:00.000000Z',
    ])
      expect(() => placeOf(encodeCursor({ at, id }))).toThrow('request.invalid_cursor');
  });
});
