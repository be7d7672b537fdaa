import { describe, expect, it } from '@jest/globals';
import { AtriumError } from './atrium.error.ts';
import { pause, pauseBefore, RETRY } from './retry.ts';

const refusal = (status: number, retryAfter?: number, code = 'some.code') =>
  new AtriumError({ status, code, detail: '' }, { retryAfter });
const most = () => 1;

describe('pauseBefore', () => {
  it.each([0, 429, 502, 503, 504])('comes back after %i', (status) =>
    expect(pauseBefore(refusal(status), 0, RETRY, most)).toBe(300),
  );
  it('comes back to a command that is still at work', () =>
    expect(pauseBefore(refusal(409, 1, 'idempotency.in_progress'), 0, RETRY, most)).toBe(1000));
  it.each([400, 401, 403, 404, 409, 422, 500])('takes %i as the answer', (status) =>
    expect(pauseBefore(refusal(status), 0, RETRY, most)).toBeUndefined(),
  );
  it('doubles, spreads, and ends', () => {
    expect([0, 1, 2].map((attempt) => pauseBefore(refusal(503), attempt, RETRY, most))).toEqual([300, 600, undefined]);
    expect(pauseBefore(refusal(503), 0, RETRY, () => 0)).toBe(150);
  });
  it('waits as long as it is asked to, and not for hours', () => {
    expect(pauseBefore(refusal(429, 9), 0, RETRY, most)).toBe(9000);
    expect(pauseBefore(refusal(429, 3600), 0, RETRY, most)).toBeUndefined();
  });
  it('does not repeat what went wrong in the caller', () =>
    expect(pauseBefore(new TypeError('x'), 0, RETRY, most)).toBeUndefined());
});

describe('pause', () => {
  it('ends when it is given up', async () => {
    const abort = new AbortController();
    const waiting = pause(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(pause(60_000, abort.signal)).rejects.toThrow('enough');
  });
});
