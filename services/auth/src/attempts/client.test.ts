import { describe, expect, it } from '@jest/globals';
import { createClientOf, networkOf } from './client.ts';

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

describe('networkOf', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3::4:5:192.0.2.1', '1:2:3:0::/64'],
  ])('%s is counted as %s', (ip, network) => expect(networkOf(ip)).toBe(network));

  it('counts those without an address together', () => expect(networkOf(null)).toBe('unknown'));
});
