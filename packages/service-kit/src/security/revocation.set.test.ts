import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createRevocationSet } from './revocation.set.ts';

const [userId, sessionId, other] = [randomUUID(), randomUUID(), randomUUID()];

describe('createRevocationSet', () => {
  it('covers every token of a session, whenever it was issued', () => {
    const set = createRevocationSet(() => 0);
    set.add([{ kind: 'session', id: sessionId, at: 100, until: 1_000 }]);
    for (const issuedAt of [1, 100, 500]) expect(set.covers({ userId, sessionId, issuedAt })).toBe(true);
    expect(set.covers({ userId, sessionId: other, issuedAt: 1 })).toBe(false);
    expect(set.covers({ userId, sessionId: undefined, issuedAt: 1 })).toBe(false);
  });

  it('covers what a user was given up to the moment, in any session and in none', () => {
    const set = createRevocationSet(() => 0);
    set.add([{ kind: 'user', id: userId, at: 100, until: 1_000 }]);
    for (const session of [sessionId, undefined]) {
      expect(set.covers({ userId, sessionId: session, issuedAt: 100 })).toBe(true);
      expect(set.covers({ userId, sessionId: session, issuedAt: 100.5 })).toBe(false);
    }
    expect(set.covers({ userId: other, sessionId, issuedAt: 1 })).toBe(false);
  });

  it('keeps the latest moment, in whatever order they come', () => {
    const set = createRevocationSet(() => 0);
    for (const at of [100, 300, 200]) set.add([{ kind: 'user', id: userId, at, until: at + 1_000 }]);
    expect(set.covers({ userId, sessionId, issuedAt: 300 })).toBe(true);
    expect(set.size()).toBe(1);
  });

  it('forgets what no living token can be meant by', () => {
    let now = 0;
    const set = createRevocationSet(() => now);
    set.add([{ kind: 'session', id: sessionId, at: 0, until: 1_000 }]);
    set.add([{ kind: 'user', id: userId, at: 0, until: 1_000 }]);
    expect(set.size()).toBe(2);
    now = 100_000;
    set.add([{ kind: 'session', id: other, at: 0, until: 99_999 }]);
    expect(set.size()).toBe(0);
  });
});
