import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashRefreshToken, newRefreshToken, sealSuccessor, unsealSuccessor } from './refresh.token.ts';

describe('refresh tokens', () => {
  it('carry 256 bits and never repeat', () => {
    const tokens = Array.from({ length: 1000 }, () => newRefreshToken());
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('are stored as something else', () => {
    const token = newRefreshToken();
    expect(hashRefreshToken(token)).toHaveLength(32);
    expect(hashRefreshToken(token).toString('base64url')).not.toBe(token);
  });
});

describe('sealed successors', () => {
  it('are read by the holder of the parent and by nobody else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (successor, parent, other) => {
        fc.pre(parent !== other);
        const text = successor.toWellFormed();
        const sealed = sealSuccessor(text, parent);
        expect(unsealSuccessor(sealed, parent)).toBe(text);
        expect(() => unsealSuccessor(sealed, other)).toThrow();
      }),
    );
  });

  it('cannot be changed in any byte', () => {
    const [parent, successor] = [newRefreshToken(), newRefreshToken()];
    const sealed = sealSuccessor(successor, parent);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => unsealSuccessor(changed, parent)).toThrow();
    }
    expect(() => unsealSuccessor(sealed.subarray(0, 20), parent)).toThrow();
  });
});
