import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTarget } from './target.ts';

describe('readTarget', () => {
  it.each([
    ['/api/v1/documents', '/api/v1/documents', ''],
    ['/api/documents', '/api/v1/documents', ''],
    ['/api/v1/documents/?limit=2&q=a%2Fb', '/api/v1/documents/', '?limit=2&q=a%2Fb'],
    ['/api/v1/documents/caf%C3%A9', '/api/v1/documents/caf%C3%A9', ''],
    ['/.well-known/jwks.json', '/.well-known/jwks.json', ''],
    ['/', '/', ''],
    ['/?', '/', '?'],
  ])('reads %s', (url, path, query) => {
    expect(readTarget(url)).toEqual({ path, query });
  });

  it.each([
    '',
    '//internal/tokens',
    '/api//internal',
    '/api/v1/documents//',
    '/api/v1/../internal/tokens',
    '/api/v1/documents/..',
    '/./internal',
    '/api/v1/%2e%2e/internal',
    '/api/v1/%2E%2e/internal',
    '/api/v1/.%2e/internal',
    '/api/v1/documents%2f..%2finternal',
    '/api/v1/documents%5c..%5cinternal',
    '/api/v1/documents\\..\\internal',
    '/api/v1/%252e%252e/internal',
    '/%69nternal/tokens',
    '/api/v1/auth/%6Cogin',
    '/api/v1/documents/%00',
    '/api/v1/documents/%0d%0a',
    '/api/v1/documents/%7f',
    '/api/v1/documents/%zz',
    '/api/v1/documents/%2',
    '/api/v1/documents#x',
    '/api/v1/documents?a=#x',
    '/api/v1/documents/é',
    '/api/v1/documents?q=é',
    'http://other.example/internal/tokens',
    'internal/tokens',
    '*',
  ])('refuses %s', (url) => {
    expect(readTarget(url)).toBeUndefined();
  });

  it('accepts only paths that decoding leaves in their place', () => {
    const odd = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%5c',
      '\\',
      'internal',
      'api',
      'v1',
      '%25',
      'a',
      ';',
      '%41',
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 8 }), (parts) => {
        const target = readTarget(`/${parts.join('')}`);
        if (!target) return;
        const plain = new URL(decodeURIComponent(target.path), 'http://a').pathname;
        expect(plain).toBe(target.path);
      }),
      { numRuns: 2_000 },
    );
  });
});
