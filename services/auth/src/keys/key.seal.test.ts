import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createKeySeal, derivedKey } from './key.seal.ts';

const [first, second] = [randomBytes(32), randomBytes(32)];
const seal = createKeySeal(new Map([[1, first]]));
const plain = Buffer.from('a private key');

describe('createKeySeal', () => {
  it('opens what it sealed, each time differently', () => {
    const [one, two] = [seal.seal('k', plain), seal.seal('k', plain)];
    expect(one.equals(two)).toBe(false);
    expect(one.includes(plain)).toBe(false);
    expect(seal.open('k', 1, one)).toEqual(plain);
  });

  it('opens nothing that was changed in any bit, moved to another row or version, or cut', () => {
    const sealed = seal.seal('k', plain);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(seal.open('k', 1, changed)).toBeUndefined();
    }
    expect(seal.open('other', 1, sealed)).toBeUndefined();
    expect(seal.open('k', 2, sealed)).toBeUndefined();
    for (let length = 0; length < sealed.length; length += 1)
      expect(seal.open('k', 1, sealed.subarray(0, length))).toBeUndefined();
  });

  it('seals with the newest version and still opens the older ones', () => {
    const both = createKeySeal(
      new Map([
        [1, first],
        [2, second],
      ]),
    );
    expect(both.version).toBe(2);
    expect(both.open('k', 1, seal.seal('k', plain))).toEqual(plain);
    expect(both.open('k', 2, both.seal('k', plain))).toEqual(plain);
    expect(seal.open('k', 2, both.seal('k', plain))).toBeUndefined();
  });
});

describe('derivedKey', () => {
  it('is the same for the same private key, and another for another', () => {
    const [a, b] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    if (!a || !b) throw new Error('no keys');
    expect(derivedKey(a)).toEqual(derivedKey(a));
    expect(derivedKey(a)).toHaveLength(32);
    expect(derivedKey(a)).not.toEqual(derivedKey(b));
  });
});
