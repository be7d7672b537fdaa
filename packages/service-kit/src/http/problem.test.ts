import { describe, expect, it } from '@jest/globals';
import { toDomainError } from './problem.ts';

const coded = (code: string) => Object.assign(new Error('of the driver'), { code });

describe('toDomainError', () => {
  it.each([
    ['no connection of the pool became free', new Error('timeout exceeded when trying to connect')],
    ['the connection was lost', new Error('Connection terminated unexpectedly')],
    ['the server shuts down', coded('57P01')],
    ['nobody listens', coded('ECONNREFUSED')],
  ])('asks to come again when %s', (_what, error) => {
    expect(toDomainError(error)).toMatchObject({
      code: 'database.unavailable',
      status: 503,
      headers: { 'retry-after': '1' },
    });
  });

  it('tells nothing of what nobody expected', () => {
    const told = toDomainError(new Error('secret of the inside'));
    expect(told).toMatchObject({ code: 'internal.error', status: 500 });
    expect(told.detail).not.toContain('secret');
  });
});
