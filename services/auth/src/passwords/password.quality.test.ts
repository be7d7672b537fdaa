import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requireStrong, weaknessesOf } from './password.quality.ts';

const owner = { email: 'ana.lima@example.com', name: 'Ana Lima Souza' };
const list = readFileSync(new URL('./common.passwords.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

describe('weaknessesOf', () => {
  it('refuses every line of the list, in any case and with a digit or sign added', () => {
    expect(list).toHaveLength(new Set(list).size);
    expect(list.length).toBeGreaterThanOrEqual(3_000);
    for (const word of list)
      for (const typed of [word, word.toUpperCase(), `${word}1`, `${word}!`])
        expect([typed, weaknessesOf(typed, owner)]).toEqual([typed, expect.arrayContaining(['common'])]);
  });

  it.each(['ana.lima@example.com', 'Ana.Lima', 'ANA LIMA SOUZA', 'AnaLimaSouza2026', 'ana.lima!!!!'])(
    'refuses %s to its owner',
    (password) => expect(weaknessesOf(password, owner)).toContain('personal'),
  );

  it.each(['aaaaaaaaa', 'abababababa', '12312312312', 'klmnopqrst', 'poiuytrewq', '😀😀😀😀😀😀😀😀'])(
    'refuses the repetition %s',
    (password) => expect(weaknessesOf(password, owner)).toContain('repetitive'),
  );

  it.each([
    'a long pass phrase',
    'correct horse battery',
    'señal élan vital',
    '        x       y',
    'лунная дорога',
    'tr0ub4dor&3xx',
  ])('takes %s as it is, whatever kinds of characters it has', (password) =>
    expect(weaknessesOf(password, owner)).toEqual([]),
  );

  it('takes nearly everything that is random, and answers fast whatever it gets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 64 }), (bytes) => {
        fc.pre(new Set(bytes).size > 6);
        return weaknessesOf(Buffer.from(bytes).toString('base64url'), owner).length === 0;
      }),
    );
    const started = performance.now();
    for (const text of ['a'.repeat(127) + 'b', 'ab'.repeat(63) + 'xyz', '1'.repeat(128)]) weaknessesOf(text, owner);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('requireStrong', () => {
  it('names the reasons and the field', () => {
    let thrown: unknown;
    try {
      requireStrong('Password1', owner, 'body.newPassword');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'auth.weak_password', status: 422, extra: { reasons: ['common'] } });
    expect(thrown).toMatchObject({ errors: [{ path: 'body.newPassword', code: 'common' }] });
  });
});
