import { createHash } from 'node:crypto';

/** Crockford's letters: none of them looks like another. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const COUNT = 10;
const LENGTH = 16;

/** Ten codes of 80 random bits, in groups of four. */
export const newRecoveryCodes = (random: (bytes: number) => Buffer): string[] =>
  Array.from({ length: COUNT }, () => {
    const letters = [...random(LENGTH)].map((byte) => LETTERS[byte % 32] ?? '').join('');
    return (letters.match(/.{4}/g) ?? []).join('-');
  });

/** What is stored in place of a code; typed in any case, with or without dashes and blanks. It is random: no salt. */
export const hashRecoveryCode = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1'))
    .digest();
