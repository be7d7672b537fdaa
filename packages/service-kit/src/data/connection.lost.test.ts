import { describe, expect, it } from '@jest/globals';
import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { isConnectionLost } from './connection.lost.ts';

const coded = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('a lost connection', () => {
  it.each([
    coded('57P01'),
    coded('57P03'),
    coded('08006'),
    coded('ECONNRESET'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    new QueryRunnerAlreadyReleasedError(),
    new QueryRunnerProviderAlreadyReleasedError(),
  ])('is %s', (error) => expect(isConnectionLost(error)).toBe(true));
  it.each([coded('57014'), coded('23505'), coded('40001'), new Error('a bug'), 'Connection terminated'])(
    'is not %s',
    (error) => expect(isConnectionLost(error)).toBe(false),
  );
});
