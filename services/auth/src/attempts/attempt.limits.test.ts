import { describe, expect, it } from '@jest/globals';
import { DomainError, unauthenticated, unavailable } from '@atrium/service-kit';
import { createFallbackCounter, createMemoryCounter, type AttemptCounter } from './attempt.counter.ts';
import { createAttemptLimits } from './attempt.limits.ts';

const setUp = (change: { perAddress?: number; counter?: AttemptCounter } = {}) => {
  const clock = { now: 0 };
  const counter = change.counter ?? createMemoryCounter(() => clock.now);
  const limits = createAttemptLimits({ perAccount: 3, perAddress: 100, windowMs: 60_000, ...change, counter });
  const signIn = async (work: () => Promise<unknown>, email = 'ana@example.com', ip = '203.0.113.9') =>
    limits.attempt(email, { ip }, work).then(
      () => 200,
      (error: unknown) => (error instanceof DomainError ? error.status : 0),
    );
  return { clock, limits, signIn };
};
const wrong = () => Promise.reject(unauthenticated('auth.invalid_credentials'));
const right = () => Promise.resolve('in');
const busy = () => Promise.reject(unavailable('auth.busy', 'busy'));

describe('createAttemptLimits', () => {
  it('refuses an account after its failures, also with the right password, until the window has passed', async () => {
    const { clock, limits, signIn } = setUp();
    for (let at = 0; at < 3; at += 1) expect(await signIn(wrong)).toBe(401);
    clock.now = 20_500;
    await expect(limits.attempt('ana@example.com', { ip: null }, right)).rejects.toMatchObject({
      code: 'auth.too_many_attempts',
      headers: { 'retry-after': '40' },
    });
    expect(await signIn(right, 'bea@example.com')).toBe(200);
    clock.now = 60_000;
    expect(await signIn(right)).toBe(200);
  });

  it('starts again after a success', async () => {
    const { signIn } = setUp();
    for (const [work, status] of [
      [wrong, 401],
      [wrong, 401],
      [right, 200],
      [wrong, 401],
      [wrong, 401],
      [wrong, 401],
    ] as const)
      expect(await signIn(work)).toBe(status);
    expect(await signIn(right)).toBe(429);
  });

  it('does not let many at once slip through', async () => {
    const { signIn } = setUp();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => signIn(wrong)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(3);
  });

  it('limits an address over all accounts, and takes an IPv6 network as one', async () => {
    const { signIn } = setUp({ perAddress: 4 });
    for (let at = 0; at < 4; at += 1)
      expect(await signIn(wrong, `u${at}@example.com`, `2001:db8::${at + 1}`)).toBe(401);
    expect(await signIn(right, 'ana@example.com', '2001:db8::ffff')).toBe(429);
    expect(await signIn(right, 'ana@example.com', '2001:db8:0:1::1')).toBe(200);
  });

  it('counts only wrong credentials', async () => {
    const { signIn } = setUp({ perAddress: 2 });
    for (let at = 0; at < 10; at += 1) expect(await signIn(busy)).toBe(503);
    for (let at = 0; at < 10; at += 1) expect(await signIn(right)).toBe(200);
  });

  it('goes on counting while the shared counter is away', async () => {
    const away = () => Promise.reject(new Error('Connection is closed.'));
    const counter = createFallbackCounter(
      { take: away, giveBack: away, clear: away },
      createMemoryCounter(() => 0),
    );
    const { signIn } = setUp({ counter });
    for (let at = 0; at < 3; at += 1) expect(await signIn(wrong)).toBe(401);
    expect(await signIn(right)).toBe(429);
  });
});
