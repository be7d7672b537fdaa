import { roles } from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusalOf, type MemberChange, type Standing } from './member.rules.ts';

const change = (more: Partial<MemberChange>): MemberChange => ({
  asker: 'owner',
  self: false,
  before: { role: 'member', disabled: false },
  after: { role: 'viewer', disabled: false },
  otherOwners: 1,
  ...more,
});
const owner: Standing = { role: 'owner', disabled: false };

describe('changing a member', () => {
  it('lets an administrator change everybody but owners, and make no owner', () => {
    expect(refusalOf(change({ asker: 'admin' }))).toBeUndefined();
    expect(refusalOf(change({ asker: 'admin', before: { role: 'admin', disabled: false } }))).toBeUndefined();
    expect(refusalOf(change({ asker: 'admin', before: owner }))).toBe('owner_only');
    expect(refusalOf(change({ asker: 'admin', after: owner }))).toBe('owner_only');
    expect(refusalOf(change({ asker: 'admin', self: true, after: owner }))).toBe('owner_only');
    expect(refusalOf(change({ asker: 'admin', before: { role: 'owner', disabled: true } }))).toBe('owner_only');
  });

  it('keeps the last owner, however they would go', () => {
    const last = { before: owner, otherOwners: 0 };
    for (const after of [undefined, { role: 'admin', disabled: false }, { role: 'owner', disabled: true }] as const) {
      expect(refusalOf(change({ ...last, after }))).toBe('last_owner');
      expect(refusalOf(change({ ...last, after, otherOwners: 1 }))).toBeUndefined();
    }
    expect(refusalOf(change({ ...last, after: owner }))).toBeUndefined();
  });

  it('lets nobody disable themselves', () => {
    expect(refusalOf(change({ self: true, after: { role: 'member', disabled: true } }))).toBe('self_disabled');
  });

  it('never leaves a workspace without an owner that had one', () => {
    const standing = fc.record({ role: fc.constantFrom(...roles), disabled: fc.boolean() });
    const any = fc.record({
      asker: fc.constantFrom(...roles),
      self: fc.boolean(),
      before: standing,
      after: fc.option(standing, { nil: undefined }),
      otherOwners: fc.nat(2),
    });
    const enters = (of: Standing | undefined): number => Number(of?.role === 'owner' && !of.disabled);
    fc.assert(
      fc.property(any, (one) => {
        const had = one.otherOwners + enters(one.before) > 0;
        const has = one.otherOwners + enters(one.after) > 0;
        return refusalOf(one) !== undefined || !had || has;
      }),
    );
  });
});
