import { describe, expect, it } from '@jest/globals';
import { createRefreshCookie } from './refresh.cookie.ts';

const now = () => new Date(0);
const cookie = createRefreshCookie({ origins: ['https://app.example.com'], trustProxy: true, now });
const direct = createRefreshCookie({ origins: [], trustProxy: false, now });
const written = (write: (res: { append(name: string, value: string): void }) => void): string => {
  const values: string[] = [];
  write({ append: (name, value) => values.push(`${name}: ${value}`) });
  return values.join('\n');
};

describe('createRefreshCookie', () => {
  it('writes what scripts, other sites and plain HTTP never see', () => {
    expect(written((res) => cookie.write(res, 'abc', new Date(60_000)))).toBe(
      'set-cookie: __Host-atrium_refresh=abc; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=60',
    );
    expect(written((res) => cookie.clear(res))).toMatch(/=; .*Max-Age=0$/);
  });

  it.each([
    ['__Host-atrium_refresh=abc', 'abc'],
    ['a=b; __Host-atrium_refresh=abc; c=d', 'abc'],
    ['atrium_refresh=abc; x__Host-atrium_refresh=d', undefined],
    ['__Host-atrium_refresh=', undefined],
    [undefined, undefined],
  ])('reads %p', (header, token) =>
    expect(cookie.read({ headers: header === undefined ? {} : { cookie: header } })).toBe(token),
  );

  const ours = { host: '127.0.0.1:8001', 'x-forwarded-host': 'atrium.example.com', 'x-csrf': '1' };
  it.each([
    { ...ours },
    { ...ours, origin: 'https://app.example.com' },
    { ...ours, origin: 'https://atrium.example.com' },
  ])('lets in %j', (headers) => expect(() => cookie.checkPage({ headers })).not.toThrow());

  it.each([
    { ...ours, origin: 'https://evil.example.com' },
    { ...ours, origin: 'https://app.example.com.evil.com' },
    { ...ours, origin: 'http://127.0.0.1:8001' },
    { ...ours, origin: 'null' },
    { ...ours, 'sec-fetch-site': 'cross-site' },
  ])('keeps out %j', (headers) =>
    expect(() => cookie.checkPage({ headers })).toThrow(expect.objectContaining({ code: 'auth.foreign_origin' })),
  );

  it('wants the header that forms cannot send', () =>
    expect(() => cookie.checkPage({ headers: { host: 'h', origin: 'https://app.example.com' } })).toThrow(
      expect.objectContaining({ code: 'auth.csrf_missing' }),
    ));

  it('believes no forwarded host where there is no proxy', () => {
    const headers = { ...ours, origin: 'https://atrium.example.com' };
    expect(() => direct.checkPage({ headers })).toThrow();
    expect(() => direct.checkPage({ headers: { ...headers, origin: 'http://127.0.0.1:8001' } })).not.toThrow();
  });
});
