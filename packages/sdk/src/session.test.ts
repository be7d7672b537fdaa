import { describe, expect, it, jest } from '@jest/globals';
import { AtriumError } from './atrium.error.ts';
import { createSession, type RefreshMode, type SessionState, type Tokens } from './session.ts';

const setup = (mode: RefreshMode, exchange: (token: string | undefined) => Promise<Tokens>) => {
  let time = 0;
  const seen: (SessionState | undefined)[] = [];
  const session = createSession({
    mode,
    exchange,
    alone: (work) => work(),
    now: () => time,
    changed: (state) => seen.push(state),
  });
  return { session, seen, at: (ms: number) => (time = ms) };
};
const signedIn = { accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 };
const refused = (status: number) =>
  Promise.reject(new AtriumError({ status, code: 'auth.refresh_expired', detail: '' }));

describe('createSession', () => {
  it('has no token before a sign-in and after the end', async () => {
    const { session } = setup('body', () => refused(401));
    expect(await session.token()).toBeUndefined();
    session.adopt(signedIn);
    expect(await session.token()).toBe('a1');
    session.forget();
    expect(await session.token()).toBeUndefined();
  });

  it('renews a token that is about to expire, once however many ask', async () => {
    const exchange = jest.fn(async (token: string | undefined) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { accessToken: `a-of-${token}`, refreshToken: 'r2', expiresIn: 900 };
    });
    const { session, at } = setup('body', exchange);
    session.adopt(signedIn);
    at(880_000);
    expect(await Promise.all([1, 2, 3].map(() => session.token()))).toEqual(['a-of-r1', 'a-of-r1', 'a-of-r1']);
    expect(exchange).toHaveBeenCalledTimes(1);
    expect(session.state?.refreshToken).toBe('r2');
  });

  it('does not renew again what somebody else renewed meanwhile', async () => {
    const exchange = jest.fn(async () => ({ ...signedIn, accessToken: 'a2' }));
    const { session } = setup('body', exchange);
    session.adopt(signedIn);
    expect(await session.refresh('a1')).toBe('a2');
    expect(await session.refresh('a1')).toBe('a2');
    expect(exchange).toHaveBeenCalledTimes(1);
  });

  it('ends when the refresh token is refused, and says so', async () => {
    const { session, seen } = setup('body', () => refused(401));
    session.adopt(signedIn);
    await expect(session.refresh('a1')).rejects.toMatchObject({ status: 401 });
    expect(seen.at(-1)).toBeUndefined();
    expect(session.state).toBeUndefined();
  });

  it('stays when the server is away, and uses the token to its end', async () => {
    const { session, at } = setup('body', () => refused(503));
    session.adopt(signedIn);
    at(880_000);
    expect(await session.token()).toBe('a1');
    at(901_000);
    await expect(session.token()).rejects.toMatchObject({ status: 503 });
    expect(session.state?.accessToken).toBe('a1');
  });

  it('lets a sign-in during a refresh win', async () => {
    const { promise, resolve } = Promise.withResolvers<Tokens>();
    const { session } = setup('body', () => promise);
    session.adopt(signedIn);
    const refreshing = session.refresh('a1');
    session.adopt({ accessToken: 'b1', refreshToken: 's1', expiresIn: 900 });
    resolve({ accessToken: 'a2', refreshToken: 'r2', expiresIn: 900 });
    expect(await refreshing).toBe('b1');
    expect(session.state?.refreshToken).toBe('s1');
  });

  it('does not come back to life by a refresh that was under way when it ended', async () => {
    const { promise, resolve } = Promise.withResolvers<Tokens>();
    const { session } = setup('body', () => promise);
    session.adopt(signedIn);
    const refreshing = session.refresh('a1');
    session.forget();
    resolve({ accessToken: 'a2', refreshToken: 'r2', expiresIn: 900 });
    await expect(refreshing).rejects.toMatchObject({ code: 'session.none' });
    expect(session.state).toBeUndefined();
  });

  it('asks nobody without a refresh token in body mode, and the cookie in cookie mode', async () => {
    const exchange = jest.fn(async (token: string | undefined) => ({ accessToken: String(token), expiresIn: 900 }));
    await expect(setup('body', exchange).session.refresh()).rejects.toMatchObject({ code: 'session.none' });
    expect(exchange).not.toHaveBeenCalled();
    const { session } = setup('cookie', exchange);
    expect(await session.refresh()).toBe('undefined');
    expect(session.state?.refreshToken).toBeUndefined();
  });
});
