import { describe, expect, it } from '@jest/globals';
import { stateOf } from './invitation.state.ts';

const at = (second: number): Date => new Date(second * 1000);

describe('the state of an invitation', () => {
  const open = { acceptedAt: null, revokedAt: null, expiresAt: at(10) };

  it('is open until the very moment it expires', () => {
    expect(stateOf(open, at(9.999))).toBe('open');
    expect(stateOf(open, at(10))).toBe('expired');
  });

  it('stays what it became, also later', () => {
    expect(stateOf({ ...open, acceptedAt: at(1) }, at(11))).toBe('accepted');
    expect(stateOf({ ...open, revokedAt: at(1) }, at(11))).toBe('revoked');
  });
});
