import { describe, expect, it } from '@jest/globals';
import { decideLink } from './google.link.ts';

const local = (verified: boolean) => ({ userId: 'local', verified });

describe('whom a Google account signs in as', () => {
  it.each([
    [
      { linkedTo: 'u', emailVerified: false, local: undefined },
      { act: 'enter', userId: 'u' },
    ],
    [
      { linkedTo: 'u', emailVerified: true, local: local(true) },
      { act: 'enter', userId: 'u' },
    ],
    [{ linkedTo: undefined, emailVerified: true, local: undefined }, { act: 'create' }],
    [
      { linkedTo: undefined, emailVerified: true, local: local(true) },
      { act: 'link', userId: 'local' },
    ],
    [{ linkedTo: undefined, emailVerified: true, local: local(false) }, { act: 'ask_owner' }],
    [{ linkedTo: undefined, emailVerified: false, local: undefined }, { act: 'refuse_unverified' }],
    [{ linkedTo: undefined, emailVerified: false, local: local(true) }, { act: 'refuse_unverified' }],
    [{ linkedTo: undefined, emailVerified: false, local: local(false) }, { act: 'refuse_unverified' }],
  ])('%j', (facts, decision) => {
    expect(decideLink(facts)).toEqual(decision);
  });
});
