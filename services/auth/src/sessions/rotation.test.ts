import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideRotation, GRACE_MS, type PresentedToken, type Rotation } from './rotation.ts';

const NOW = 1_000_000_000_000;
const at = (ms: number): Date => new Date(NOW + ms);
const fresh: PresentedToken = { expiresAt: at(60_000), spentAt: null, hasSuccessor: false, sessionRevokedAt: null };
const spent = (ago: number): PresentedToken => ({ ...fresh, spentAt: at(-ago), hasSuccessor: true });

const table: [string, PresentedToken, Rotation][] = [
  ['unspent', fresh, 'rotate'],
  ['unspent, at the last moment', { ...fresh, expiresAt: at(1) }, 'rotate'],
  ['unspent, just expired', { ...fresh, expiresAt: at(0) }, 'expired'],
  ['spent just now', spent(0), 'repeat'],
  ['spent at the end of the grace', spent(GRACE_MS), 'repeat'],
  ['spent before the grace', spent(GRACE_MS + 1), 'reused'],
  ['spent by a replica whose clock is ahead', spent(-2_000), 'repeat'],
  ['spent in the grace, expired since', { ...spent(5_000), expiresAt: at(-1) }, 'repeat'],
  ['spent long ago and expired', { ...spent(GRACE_MS * 2), expiresAt: at(-1) }, 'reused'],
  ['spent in the grace without a successor', { ...spent(1), hasSuccessor: false }, 'reused'],
  ['unspent in a session that ended', { ...fresh, sessionRevokedAt: at(-1) }, 'ended'],
  ['spent just now in a session that ended', { ...spent(0), sessionRevokedAt: at(-1) }, 'ended'],
  ['spent long ago in a session that ended', { ...spent(GRACE_MS * 9), sessionRevokedAt: at(-1) }, 'ended'],
];

const instant = fc.integer({ min: -100_000, max: 100_000 }).map(at);
const anyToken: fc.Arbitrary<PresentedToken> = fc.record({
  expiresAt: instant,
  spentAt: fc.option(instant),
  hasSuccessor: fc.boolean(),
  sessionRevokedAt: fc.option(instant),
});
const everywhere = (check: (token: PresentedToken, outcome: Rotation, now: Date) => void): void =>
  fc.assert(
    fc.property(anyToken, instant, (token, now) => check(token, decideRotation(token, now, GRACE_MS), now)),
    { numRuns: 1000 },
  );

describe('decideRotation', () => {
  it.each(table)('%s', (_name, token, outcome) => expect(decideRotation(token, at(0), GRACE_MS)).toBe(outcome));

  it('never gives anything to a session that ended', () =>
    everywhere((token, outcome) => expect(outcome === 'ended').toBe(token.sessionRevokedAt !== null)));

  it('rotates only what is unspent and in time', () =>
    everywhere((token, outcome, now) => {
      if (outcome === 'rotate') expect(token.spentAt === null && now < token.expiresAt).toBe(true);
    }));

  it('repeats only inside the grace, and calls only spent tokens reused', () =>
    everywhere((token, outcome, now) => {
      if (outcome === 'repeat') {
        expect(token.hasSuccessor).toBe(true);
        expect(now.getTime() - (token.spentAt?.getTime() ?? -Infinity)).toBeLessThanOrEqual(GRACE_MS);
      }
      if (outcome === 'reused') expect(token.spentAt).not.toBeNull();
    }));

  it('never forgives with time: what was refused stays refused', () =>
    fc.assert(
      fc.property(anyToken, instant, fc.nat({ max: 200_000 }), (token, now, later) => {
        const order: Rotation[] = ['rotate', 'repeat'];
        const first = decideRotation(token, now, GRACE_MS);
        const second = decideRotation(token, new Date(now.getTime() + later), GRACE_MS);
        if (!order.includes(first)) expect(second).toBe(first);
      }),
    ));
});
