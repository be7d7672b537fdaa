import { describe, expect, it } from '@jest/globals';
import { errorOf, isAtriumError, readRetryAfter } from './atrium.error.ts';

const answer = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  body,
  header: (name: string) => headers[name] ?? null,
});

describe('errorOf', () => {
  it('keeps what the API said', () => {
    const errors = [{ path: 'body.title', code: 'too_big', message: 'Too long.' }];
    const body = { code: 'request.invalid', detail: 'Some fields are not valid.', requestId: 'r-1', errors };
    const error = errorOf(answer(422, JSON.stringify(body)), 0);
    expect(error).toMatchObject({ code: 'request.invalid', status: 422, requestId: 'r-1', errors });
    expect(error.message).toBe('Some fields are not valid.');
  });

  it('keeps what only one code has', () => {
    const body = { code: 'auth.mfa_required', detail: 'Send a code.', mfaToken: 'm-1' };
    expect(errorOf(answer(401, JSON.stringify(body)), 0).problem['mfaToken']).toBe('m-1');
  });

  it.each(['<html>Bad gateway</html>', '', '{"message":"no"}', 'null'])(
    'names an answer of something else: %j',
    (body) => {
      const error = errorOf(answer(502, body, { 'x-request-id': 'r-2' }), 0);
      expect(error).toMatchObject({ code: 'http.502', status: 502, requestId: 'r-2', errors: [] });
      expect(isAtriumError(error, 'http.502')).toBe(true);
    },
  );
});

describe('readRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['7', 7],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('reads %j', (value, seconds) => expect(readRetryAfter(value, now)).toBe(seconds));
});
