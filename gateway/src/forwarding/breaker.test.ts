import { describe, expect, it } from '@jest/globals';
import { createBreaker } from './breaker.ts';

const fail = (breaker: ReturnType<typeof createBreaker>, times: number, now: number): void => {
  for (let at = 0; at < times; at += 1) breaker.failed(now);
};

describe('createBreaker', () => {
  it('stays closed below the number of failures in a row', () => {
    const breaker = createBreaker({ failures: 3, openMs: 1_000 });
    fail(breaker, 2, 0);
    breaker.succeeded();
    fail(breaker, 2, 0);
    expect(breaker.admit(0)).toBe(0);
  });

  it('opens, says how long, and then lets exactly one try', () => {
    const breaker = createBreaker({ failures: 3, openMs: 1_000 });
    fail(breaker, 3, 100);
    expect(breaker.admit(600)).toBe(500);
    expect(breaker.admit(1_100)).toBe(0);
    expect(breaker.admit(1_100)).toBeGreaterThan(0);
  });

  it('closes when the try succeeds and opens again when it fails', () => {
    const breaker = createBreaker({ failures: 1, openMs: 1_000 });
    breaker.failed(0);
    expect(breaker.admit(1_000)).toBe(0);
    breaker.failed(1_500);
    expect(breaker.admit(2_000)).toBe(500);
    expect(breaker.admit(2_500)).toBe(0);
    breaker.succeeded();
    expect([breaker.admit(2_501), breaker.admit(2_501)]).toEqual([0, 0]);
  });

  it('lets another try when the one that tried was abandoned', () => {
    const breaker = createBreaker({ failures: 1, openMs: 1_000 });
    breaker.failed(0);
    expect(breaker.admit(1_000)).toBe(0);
    breaker.abandoned();
    expect(breaker.admit(1_000)).toBe(0);
  });
});
