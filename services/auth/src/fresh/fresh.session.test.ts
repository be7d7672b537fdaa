import { describe, expect, it } from '@jest/globals';
import { FRESH_MS, isFresh, requireFresh } from './fresh.session.ts';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

describe('a fresh session', () => {
  it.each([
    ['just signed in', { signedInAt: now, provenAt: null }, true],
    ['at the limit', { signedInAt: ago(FRESH_MS), provenAt: null }, true],
    ['past the limit', { signedInAt: ago(FRESH_MS + 1), provenAt: null }, false],
    ['proven again', { signedInAt: ago(1e9), provenAt: ago(1) }, true],
    ['proven long ago', { signedInAt: ago(1e9), provenAt: ago(FRESH_MS + 1) }, false],
    ['proven in the future', { signedInAt: ago(1e9), provenAt: ago(-1000) }, false],
  ])('%s', (_, proofs, fresh) => {
    expect(isFresh(proofs, now)).toBe(fresh);
  });

  it('is asked for by name', () => {
    expect(() => requireFresh({ signedInAt: ago(1e9), provenAt: null }, now)).toThrow('auth.reauthentication_needed');
  });
});
