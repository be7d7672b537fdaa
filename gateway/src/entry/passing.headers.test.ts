import { describe, expect, it } from '@jest/globals';
import { passingHeaders } from './passing.headers.ts';

const caller = { address: '203.0.113.9', proto: 'https', host: 'api.example' };
const pass = (headers: Record<string, string>): Record<string, string> => {
  const flat = passingHeaders(headers, caller, 'request-1');
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
};
const own = {
  'x-request-id': 'request-1',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example',
};

describe('passingHeaders', () => {
  it('passes what a client may say', () => {
    const said = {
      authorization: 'Bearer a.b.c',
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'if-match': '"1"',
      'last-event-id': '7',
      'x-goog-channel-id': 'c',
      'x-requested-with': 'fetch',
    };
    expect(pass(said)).toEqual({ ...said, ...own });
  });

  it.each([
    'x-user-id',
    'x-userinfo',
    'x-workspace-id',
    'x-tenant-id',
    'x-role',
    'x-forwarded-user',
    'x-forwarded-port',
    'x-real-ip',
    'x-client-ip',
    'x-atrium-identity',
    'x-service-name',
    'x-http-method-override',
    'x-original-url',
    'x_user_id',
    'x_forwarded_for',
    'remote_user',
    'forwarded',
    'via',
    'true-client-ip',
    'proxy-authorization',
    'te',
    'upgrade',
    'expect',
    'host',
  ])('never passes %s', (name) => {
    expect(pass({ [name]: 'forged', accept: '*/*' })).toEqual({ accept: '*/*', ...own });
  });

  it('writes over what it sets itself', () => {
    const forged = Object.fromEntries(Object.keys(own).map((name) => [name, 'forged']));
    expect(pass(forged)).toEqual(own);
  });

  it('drops what Connection lists, but not what frames the body', () => {
    const headers = { connection: 'keep-alive, X-Custom , content-length', 'x-custom': '1', 'content-length': '2' };
    expect(pass(headers)).toEqual({ 'content-length': '2', ...own });
  });

  it('passes a valid traceparent only', () => {
    const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(pass({ traceparent: valid })['traceparent']).toBe(valid);
    for (const odd of ['x', `${valid}-1`, valid.replace('4bf', 'ZZZ'), `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`])
      expect(pass({ traceparent: odd })).toEqual(own);
  });
});
