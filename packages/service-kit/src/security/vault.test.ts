import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createVault, dataKeys } from './vault.ts';

const [one, two] = [randomBytes(32), randomBytes(32)];
const old = createVault(new Map([[1, one]]));
const rotated = createVault(
  new Map([
    [2, two],
    [1, one],
  ]),
);

describe('the vault', () => {
  it('opens what it sealed, also after a newer key came', () => {
    expect(rotated.open(old.seal('secret', 'table:1'), 'table:1')).toBe('secret');
    expect(rotated.seal('secret', 'table:1')[0]).toBe(2);
  });

  it('opens nothing elsewhere, nothing changed, and nothing of an unknown key', () => {
    const sealed = rotated.seal('secret', 'table:1');
    expect(() => rotated.open(sealed, 'table:2')).toThrow();
    expect(() => old.open(sealed, 'table:1')).toThrow('version 2');
    for (let place = 0; place < sealed.length; place += 1) {
      const changed = Buffer.from(sealed);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(() => rotated.open(changed, 'table:1')).toThrow();
    }
  });

  it('says what to set when there is no key', () => {
    expect(() => createVault(undefined).seal('secret', 'x')).toThrow('DATA_KEYS');
    expect(dataKeys.safeParse('1:short').success).toBe(false);
    expect(dataKeys.parse(`2:${two.toString('base64')},1:${one.toString('base64')}`).size).toBe(2);
  });
});
