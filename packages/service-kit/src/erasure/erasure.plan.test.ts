import { describe, expect, it } from '@jest/globals';
import { conditionOf, erases, holdsNobody, releases, retains } from './erasure.plan.ts';

const whom = { workspaceId: 'w', userId: 'u' };

describe('the rows of a step', () => {
  it('are those of the workspace, and of a person only where it says so', () => {
    expect(conditionOf(erases('notes'), 'ofWorkspace', whom)).toEqual({
      sql: '(workspace_id = $1::uuid)',
      values: ['w'],
    });
    expect(conditionOf(erases('notes'), 'ofUser', whom)).toBeUndefined();
    expect(conditionOf(retains('books', 'the law'), 'ofPerson', whom)).toBeUndefined();
  });

  it('stay within the workspace whatever the choice says', () => {
    const step = releases('notes', 'author = null', { ofUser: 'author = :user or editor = :user' });
    expect(conditionOf(step, 'ofUser', whom)).toEqual({
      sql: 'workspace_id = $1::uuid and (author = $2::uuid or editor = $2::uuid)',
      values: ['w', 'u'],
    });
    expect(conditionOf(step, 'ofWorkspace', whom)).toBeUndefined();
  });

  it('that belong to a person go with no workspace', () => {
    const step = erases('profiles', { ofPerson: 'user_id = :user' });
    expect(conditionOf(step, 'ofPerson', whom)).toEqual({ sql: '(user_id = $1::uuid)', values: ['u'] });
    expect(conditionOf(step, 'ofWorkspace', whom)).toBeUndefined();
  });

  it('are none in a table that holds nobody', () => {
    for (const round of ['ofWorkspace', 'ofUser', 'ofPerson'] as const)
      expect(conditionOf(holdsNobody('prices'), round, whom)).toBeUndefined();
  });

  it('cannot be found without the person they are of', () => {
    const step = erases('notes', { ofUser: 'author = :user' });
    expect(() => conditionOf(step, 'ofUser', { ...whom, userId: null })).toThrow(/needs a user/);
  });
});
