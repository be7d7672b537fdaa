import { describe, expect, it } from '@jest/globals';
import { wentBack } from './passkey.counter.ts';

describe('the counter of an authenticator', () => {
  it('grows, or stays at zero', () => {
    expect(wentBack(0, 0)).toBe(false);
    expect(wentBack(0, 1)).toBe(false);
    expect(wentBack(7, 8)).toBe(false);
    expect(wentBack(7, 4_294_967_295)).toBe(false);
  });

  it('shows a copy when it stays, falls, or stops counting', () => {
    expect(wentBack(7, 7)).toBe(true);
    expect(wentBack(7, 6)).toBe(true);
    expect(wentBack(7, 0)).toBe(true);
    expect(wentBack(1, 1)).toBe(true);
  });
});
