import { describe, expect, it, jest } from '@jest/globals';
import { unauthenticated, unavailable } from '../http/problem.ts';
import { acceptApiKeys, isApiKey, newApiKey } from './api.key.ts';
import type { Identity } from './token.ts';

const key = newApiKey(Buffer.alloc(32, 7));
const identityUntil = (expiresAt: number): Identity => ({
  tenant: { workspaceId: 'w', userId: 'u', role: 'member', scopes: ['document:read'] },
  sessionId: undefined,
  keyId: 'k',
  issuedAt: 0,
  expiresAt,
  token: 'short',
});
const setUp = () => {
  const clock = { now: 0 };
  const verify = jest.fn((_token: string) => Promise.resolve(identityUntil(clock.now + 30_000)));
  const exchange = jest.fn((_key: string) => Promise.resolve('short'));
  return { clock, verify, exchange, accept: acceptApiKeys(verify, exchange, () => clock.now) };
};

describe('isApiKey', () => {
  it('knows its own, and no key in which a character was changed', () => {
    expect(isApiKey(key)).toBe(true);
    for (let at = 0; at < key.length; at += 1) {
      const changed = `${key.slice(0, at)}${key[at] === 'Q' ? 'R' : 'Q'}${key.slice(at + 1)}`;
      expect([changed, isApiKey(changed)]).toEqual([changed, false]);
    }
    for (const text of ['', 'atr_', key.slice(1), `${key}=`, ` ${key}`]) expect(isApiKey(text)).toBe(false);
  });
});

describe('acceptApiKeys', () => {
  it('asks once for many requests, and again when the short token has expired', async () => {
    const { clock, exchange, accept } = setUp();
    await Promise.all([accept(key), accept(key), accept(key)]);
    clock.now = 29_999;
    await accept(key);
    expect(exchange.mock.calls).toEqual([[key]]);
    clock.now = 30_000;
    await accept(key);
    expect(exchange).toHaveBeenCalledTimes(2);
  });

  it('passes every other token on untouched, and asks nobody about a mangled key', async () => {
    const { exchange, verify, accept } = setUp();
    await accept('a.b.c');
    expect(verify).toHaveBeenCalledWith('a.b.c');
    await expect(accept(`${key.slice(0, -1)}!`)).rejects.toMatchObject({ status: 401, code: 'token.invalid' });
    expect(exchange).not.toHaveBeenCalled();
  });

  it('remembers a refusal for a moment, and a failure not at all', async () => {
    const { clock, exchange, accept } = setUp();
    exchange.mockRejectedValueOnce(unavailable('auth.unavailable', 'away'));
    await expect(accept(key)).rejects.toMatchObject({ status: 503 });
    exchange.mockRejectedValueOnce(unauthenticated('token.invalid', 'no'));
    await expect(accept(key)).rejects.toMatchObject({ status: 401 });
    await expect(accept(key)).rejects.toMatchObject({ status: 401 });
    expect(exchange).toHaveBeenCalledTimes(2);
    clock.now = 5_000;
    expect((await accept(key)).keyId).toBe('k');
  });

  it('has the short token checked every time, and gets another when it was recalled', async () => {
    const { exchange, verify, accept } = setUp();
    await accept(key);
    const recalled = new Set(['short']);
    exchange.mockImplementation(() => Promise.resolve('newer'));
    verify.mockImplementation((token) =>
      recalled.has(token)
        ? Promise.reject(unauthenticated('token.revoked', 'recalled'))
        : Promise.resolve({ ...identityUntil(30_000), token }),
    );
    const identities = await Promise.all([accept(key), accept(key), accept(key)]);
    expect(identities.map(({ token }) => token)).toEqual(['newer', 'newer', 'newer']);
    expect(exchange).toHaveBeenCalledTimes(2);
    exchange.mockRejectedValue(unauthenticated('token.invalid', 'the owner was disabled'));
    recalled.add('newer');
    await expect(accept(key)).rejects.toMatchObject({ code: 'token.invalid' });
  });
});
