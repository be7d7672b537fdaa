import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createCallerReader, networkOf, plainAddress } from './client.address.ts';

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers: { host: 'api.example', ...headers } }) as unknown as IncomingMessage;

describe('networkOf', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff:1:2:3', '2001:db8:0:0::/64'],
    ['2001:0DB8:0000:0001::9', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('unwraps IPv4 in IPv6 and refuses what is no address', () => {
    expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress(' 192.0.2.1 ')).toBe('192.0.2.1');
    expect(plainAddress('unknown')).toBe('');
  });
});

describe('createCallerReader', () => {
  const forged = { 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };

  it('believes nobody unless told', () => {
    expect(createCallerReader([])(request('::ffff:198.51.100.7', forged))).toEqual({
      address: '198.51.100.7',
      proto: 'http',
      host: 'api.example',
    });
  });

  it('does not believe a stranger when a proxy is trusted', () => {
    expect(createCallerReader(['10.0.0.0/8'])(request('198.51.100.7', forged)).address).toBe('198.51.100.7');
  });

  it('takes the last address that no trusted proxy has', () => {
    const read = createCallerReader(['loopback', '10.0.0.0/8']);
    const chain = { ...forged, 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.1.2.3' };
    expect(read(request('127.0.0.1', chain))).toEqual({ address: '203.0.113.9', proto: 'https', host: 'evil.example' });
  });

  it('stops at an entry that is no address', () => {
    const read = createCallerReader(['loopback']);
    expect(read(request('127.0.0.1', { 'x-forwarded-for': '6.6.6.6, unknown' })).address).toBe('127.0.0.1');
  });

  it.each(['everybody', '10.0.0.0/33', '10.0.0.0/x', ''])('refuses to start with %p as a trusted proxy', (entry) => {
    expect(() => createCallerReader([entry])).toThrow('TRUST_PROXY');
  });
});
