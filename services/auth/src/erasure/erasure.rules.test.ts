import { describe, expect, it } from '@jest/globals';
import { reachOf, requireNoneBlocking, type Standing } from './erasure.rules.ts';

const standing = (given: Partial<Standing>): Standing => ({
  id: 'w',
  name: 'Works',
  role: 'owner',
  others: 0,
  otherOwners: 0,
  ...given,
});

describe('how far the erasure of a person goes', () => {
  it.each<[string, Partial<Standing>, 'workspaces' | 'shared' | 'blocking']>([
    ['where they are alone', {}, 'workspaces'],
    ['where they are alone and no owner', { role: 'viewer' }, 'workspaces'],
    ['where others own it too', { others: 3, otherOwners: 1 }, 'shared'],
    ['where they are a member', { role: 'member', others: 1, otherOwners: 1 }, 'shared'],
    ['where they have been', { role: null, others: 1, otherOwners: 1 }, 'shared'],
    ['where they have been and nobody is left', { role: null }, 'shared'],
    ['where only they own it', { others: 1 }, 'blocking'],
  ])('%s', (_what, given, kind) => {
    const reach = reachOf([standing(given)]);
    const ids = { ...reach, blocking: reach.blocking.map(({ id }) => id) };
    expect(ids).toEqual({ workspaces: [], shared: [], blocking: [], [kind]: ['w'] });
  });

  it('is refused with the names of the workspaces that need an owner', () => {
    const reach = reachOf([standing({ others: 1 }), standing({ id: 'v', name: 'Villa', others: 2 })]);
    expect(() => requireNoneBlocking(reach)).toThrow(/only owner of “Works”, “Villa”/);
  });
});
