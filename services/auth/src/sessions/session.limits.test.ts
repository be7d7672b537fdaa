import { describe, expect, it } from '@jest/globals';
import { expiryOf } from './session.limits.ts';

const at = (ms: number): Date => new Date(1_000_000 + ms);
const limits = { maxAgeMs: 100, idleMs: 30, perUser: 0 };

describe('expiryOf', () => {
  it('counts the idle time anew with every use', () => {
    expect(expiryOf(at(0), at(0), limits)).toEqual(at(30));
    expect(expiryOf(at(0), at(50), limits)).toEqual(at(80));
  });
  it('never passes the age', () => expect(expiryOf(at(0), at(90), limits)).toEqual(at(100)));
  it('has no age limit when that is 0', () =>
    expect(expiryOf(at(0), at(90), { ...limits, maxAgeMs: 0 })).toEqual(at(120)));
});
