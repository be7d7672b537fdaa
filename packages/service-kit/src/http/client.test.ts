import { describe, expect, it } from '@jest/globals';
import { createClientOf } from './client.ts';

const caller = (remoteAddress: string, forwarded?: string) => ({
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  socket: { remoteAddress },
});

describe('createClientOf', () => {
  it.each([
    ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', "'; drop table users", '127.0.0.1'],
    ['::ffff:10.0.0.7', undefined, '10.0.0.7'],
    ['fe80::1%eth0', undefined, 'fe80::1'],
  ])('behind the gateway, %s saying %s is %s', (peer, forwarded, ip) =>
    expect(createClientOf(true)(caller(peer, forwarded)).ip).toBe(ip),
  );

  it('believes nobody when told so', () =>
    expect(createClientOf(false)(caller('198.51.100.2', '203.0.113.9')).ip).toBe('198.51.100.2'));

  it('keeps a user agent short', () => {
    const headers = { 'user-agent': 'x'.repeat(9_000) };
    expect(createClientOf(true)({ headers, socket: {} })).toEqual({ ip: null, userAgent: 'x'.repeat(500) });
  });
});
