import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storable } from './storable.ts';

describe('storable', () => {
  it('cleans texts and names at any depth and keeps the rest', () => {
    expect(storable({ 'a\0': ['x\0y', { b: '\ud83d' }], n: 1, t: true, z: null })).toEqual({
      a: ['xy', { b: '\ufffd' }],
      n: 1,
      t: true,
      z: null,
    });
  });

  it('makes JSON that Postgres takes, out of anything', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = JSON.stringify(storable(value));
        expect(JSON.stringify(storable(JSON.parse(json)))).toBe(json);
        expect(json.replace(/\\\\/g, '')).not.toMatch(/\\u(0000|d[89a-f])/i);
      }),
    );
  });
});
