import { describe, expect, it } from '@jest/globals';
import { acceptCode, codeOf, stepAt, toBase32 } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

describe('TOTP', () => {
  // RFC 6238, appendix B, the last six digits.
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('makes the code of the RFC at %d', (seconds, code) => {
    expect(codeOf(secret, stepAt(new Date(seconds * 1000)))).toBe(code);
  });

  it('takes the step before and after, and none further', () => {
    const at = new Date(1_000_000_000_000);
    const step = stepAt(at);
    const accepted = [-2, -1, 0, 1, 2].map((off) => acceptCode(secret, codeOf(secret, step + off), at, 0));
    expect(accepted).toEqual([undefined, step - 1, step, step + 1, undefined]);
  });

  it('takes no code twice, nor one older than the last', () => {
    const at = new Date(1_000_000_000_000);
    const step = stepAt(at);
    expect(acceptCode(secret, codeOf(secret, step), at, step)).toBeUndefined();
    expect(acceptCode(secret, codeOf(secret, step - 1), at, step)).toBeUndefined();
    expect(acceptCode(secret, codeOf(secret, step + 1), at, step)).toBe(step + 1);
  });

  it('writes base 32 as RFC 4648 does', () => {
    expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase32(Buffer.from(text)))).toEqual([
      'MY',
      'MZXQ',
      'MZXW6',
      'MZXW6YQ',
      'MZXW6YTB',
      'MZXW6YTBOI',
    ]);
  });
});
