import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { workspaceIdOf } from './workspace.id.ts';

const fresh = () => 'fresh';

describe('the id of a new workspace', () => {
  it('is a new one without a key', () => {
    expect(workspaceIdOf('ana', undefined, fresh)).toBe('fresh');
  });

  it('follows from the user and the key', () => {
    const id = workspaceIdOf('ana', 'one', fresh);
    expect(z.uuid().safeParse(id).success).toBe(true);
    expect(workspaceIdOf('ana', 'one', fresh)).toBe(id);
    expect(workspaceIdOf('ana', 'two', fresh)).not.toBe(id);
    expect(workspaceIdOf('bea', 'one', fresh)).not.toBe(id);
  });
});
