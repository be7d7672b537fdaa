import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Revocation } from '@atrium/contracts';
import type { Redis } from 'ioredis';
import { revocationSignal } from './revocation.signal.ts';
import { watchRevocations, type RevocationWatch } from './revocation.watch.ts';

const [userId, sessionId, workspaceId] = [randomUUID(), randomUUID(), randomUUID()];
const identity = { tenant: { userId, workspaceId, role: 'member' as const }, sessionId, issuedAt: 0 };
const ended: Revocation = { kind: 'session', id: sessionId, at: 1, until: Number.MAX_SAFE_INTEGER };

let watch: RevocationWatch | undefined;
afterEach(() => watch?.close());

/** A watch whose Redis the test steers, with the real clock. */
const start = (status: 'ready' | 'connecting') => {
  const known: Revocation[] = [];
  const redis = Object.assign(new EventEmitter(), { status, subscribe: () => Promise.resolve(1) });
  watch = watchRevocations({
    source: { load: async () => ({ now: Date.now(), revocations: known }) },
    redis: redis as unknown as Redis,
    prefix: 'test',
    log: { warn: () => undefined } as never,
  });
  const hear = (revocations: Revocation[]) => redis.emit('message', 'x', JSON.stringify({ revocations }));
  return { watch, known, hear };
};
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('revocationSignal', () => {
  it('aborts with the reason when auth tells over Redis', () => {
    const { watch, hear } = start('ready');
    const { signal } = revocationSignal(watch, identity);
    hear([{ ...ended, id: randomUUID() }]);
    expect(signal.aborted).toBe(false);
    hear([ended]);
    expect(signal.reason).toMatchObject({ code: 'token.revoked', status: 401 });
  });

  it.each(['connecting', 'ready'] as const)(
    'aborts within a second when nothing is heard (Redis %s)',
    async (status) => {
      const { watch, known, hear } = start(status);
      const { signal } = revocationSignal(watch, identity);
      // With a connection that hangs, the silence has to be noticed first.
      if (status === 'ready') hear([]);
      known.push(ended);
      const began = performance.now();
      await aborted(signal);
      expect(performance.now() - began).toBeLessThan(1_000);
    },
  );

  it('is aborted from the start when the news came before it listened, and can be given up', () => {
    const { watch, hear } = start('ready');
    const given = revocationSignal(watch, identity);
    given.done();
    hear([ended]);
    expect(given.signal.aborted).toBe(false);
    expect(revocationSignal(watch, identity).signal.aborted).toBe(true);
  });
});
