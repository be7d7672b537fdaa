import { describe, expect, it } from '@jest/globals';
import { describeError, redactFields, withoutSecrets } from './redaction.ts';

describe('withoutSecrets', () => {
  it.each([
    ['an API key', 'used atr_4fK9aZ_0123456789abcdef here', 'used [redacted] here'],
    ['a token', 'got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl!', 'got [redacted]!'],
    ['a header', '{"h":"Bearer abcdefgh12345"}', '{"h":"[redacted]"}'],
    ['a key of a provider', 'Incorrect key sk-proj-abcdefghijklmnop.', 'Incorrect key [redacted].'],
    ['a URL', 'postgres://atrium:hunter2@db:5432/atrium', 'postgres://atrium:[redacted]@db:5432/atrium'],
    ['a URL without a user', 'redis://:hunter2@redis:6379', 'redis://:[redacted]@redis:6379'],
  ])('cuts out %s', (_what, line, expected) => {
    expect(withoutSecrets(line)).toBe(expected);
  });

  it('leaves what is none', () => {
    const line = '{"path":"/api/v1/auth/login","url":"http://127.0.0.1:8000/","time":"2026-01-01T00:00:00.000Z"}';
    expect(withoutSecrets(line)).toBe(line);
  });
});

describe('describeError', () => {
  it('tells class, code, message and causes, and nothing that was hung on them', () => {
    const query = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      parameters: ['hunter2'],
      detail: 'Key (email)=(someone@example.com) already exists.',
    });
    const told = describeError(new TypeError('it failed', { cause: query }));
    expect(told).toMatchObject({
      type: 'TypeError',
      message: 'it failed',
      cause: { type: 'Error', code: '23505', message: 'duplicate key value' },
    });
    expect(JSON.stringify(told)).not.toMatch(/hunter2|someone@example/);
  });

  it('ends in a circle of causes', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/round/g)?.length).toBeLessThan(12);
  });
});

describe('redactFields', () => {
  it('replaces secrets by their names at any depth and leaves the rest', () => {
    const at = new Date(0);
    expect(
      redactFields({
        status: 200,
        at,
        headers: { Authorization: 'one', accept: '*/*', 'Set-Cookie': ['two'] },
        people: [{ name: 'Anna', credentials: { password: 'three' } }],
        err: Object.assign(new Error('no'), { parameters: ['four'] }),
      }),
    ).toEqual({
      status: 200,
      at,
      headers: { Authorization: '[redacted]', accept: '*/*', 'Set-Cookie': '[redacted]' },
      people: [{ name: 'Anna', credentials: { password: '[redacted]' } }],
      err: expect.objectContaining({ type: 'Error', message: 'no' }),
    });
  });
});
