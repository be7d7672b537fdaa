import { describe, expect, it } from '@jest/globals';
import { createAtrium, pages } from '../src/index.ts';
import { AT_ONCE, json, problem, serve, TOKENS, type Answer } from './server.fixture.ts';

/** Answers the first so many requests with a refusal, and what follows well. */
const refusing = (times: number, status: number, code: string): Answer => {
  let refused = 0;
  return (_seen, res) => {
    refused += 1;
    if (refused <= times) problem(res, status, code, { 'retry-after': '0' });
    else json(res, 200, { id: 'x' });
  };
};

describe('a call', () => {
  it('writes path, query and body, and reads the answer', async () => {
    await using server = await serve((_seen, res) => json(res, 200, { data: [], page: { nextCursor: null } }));
    const atrium = createAtrium({ baseUrl: `${server.url}/`, apiKey: 'atr_1' });
    const list = await atrium.get('/api/v1/conversations/{id}/messages', {
      path: { id: 'a/b c' },
      query: { limit: 5, sort: 'newest' },
    });
    expect(list.data).toEqual([]);
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'GET', url: '/api/v1/conversations/a%2Fb%20c/messages?limit=5&sort=newest' });
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer atr_1', accept: 'application/json' });
    expect(seen?.headers).not.toHaveProperty('x-csrf');
  });

  it('answers nothing for 204', async () => {
    await using server = await serve((_seen, res) => void res.writeHead(204).end());
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    expect(await atrium.delete('/api/v1/documents/{id}', { path: { id: '1' } })).toBeUndefined();
  });

  it('throws what the API refuses', async () => {
    await using server = await serve((_seen, res) => problem(res, 404, 'document.not_found'));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    await expect(atrium.get('/api/v1/documents/{id}', { path: { id: '1' } })).rejects.toMatchObject({
      name: 'AtriumError',
      code: 'document.not_found',
      status: 404,
      requestId: 'r-1',
    });
  });

  it('needs every part of its path', async () => {
    const atrium = createAtrium({ baseUrl: 'http://127.0.0.1:1', apiKey: 'k' });
    await expect(atrium.get('/api/v1/documents/{id}', { path: { id: '' } })).rejects.toThrow(TypeError);
  });
});

describe('sending again', () => {
  it('repeats reading', async () => {
    await using server = await serve(refusing(2, 503, 'upstream.unavailable'));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k', retry: AT_ONCE });
    await atrium.get('/api/v1/auth/me');
    expect(server.seen).toHaveLength(3);
  });

  it('repeats a command under its key, the same each time and another for each call', async () => {
    await using server = await serve(refusing(1, 503, 'upstream.unavailable'));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k', retry: AT_ONCE });
    await atrium.post('/api/v1/conversations', { body: {} });
    await atrium.post('/api/v1/conversations', { body: {} });
    await atrium.post('/api/v1/conversations', { body: {}, idempotencyKey: 'mine' });
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
    expect(keys[3]).toBe('mine');
  });

  it('repeats no command without a key', async () => {
    await using server = await serve(refusing(9, 503, 'upstream.unavailable'));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k', retry: AT_ONCE });
    const create = atrium.post('/api/v1/api-keys', { body: { name: 'x', scopes: ['document:read'] } });
    await expect(create).rejects.toMatchObject({ status: 503 });
    const remove = atrium.delete('/api/v1/documents/{id}', { path: { id: '1' } });
    await expect(remove).rejects.toMatchObject({ status: 503 });
    expect(server.seen).toHaveLength(2);
    expect(server.seen[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it('says that nobody answers, after trying', async () => {
    const gone = await serve(() => undefined);
    await gone[Symbol.asyncDispose]();
    const atrium = createAtrium({ baseUrl: gone.url, apiKey: 'k', retry: AT_ONCE });
    await expect(atrium.get('/api/v1/auth/me')).rejects.toMatchObject({ code: 'network.failed', status: 0 });
  });

  it('stops when it is given up, with the reason', async () => {
    await using server = await serve(() => undefined);
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const abort = new AbortController();
    const asking = atrium.get('/api/v1/auth/me', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

describe('the session', () => {
  const platform: Answer = ({ url, body, headers }, res) => {
    if (url.startsWith('/api/v1/auth/login')) return json(res, 200, { ...TOKENS, user: {}, workspace: {} });
    if (url === '/api/v1/auth/refresh') {
      const { refreshToken } = JSON.parse(body) as { refreshToken?: string };
      if (refreshToken === 'r1') return json(res, 200, { ...TOKENS, accessToken: 'a2', refreshToken: 'r2' });
      return problem(res, 401, 'auth.refresh_reused');
    }
    if (headers.authorization === 'Bearer a2') return json(res, 200, { id: 'x' });
    return problem(res, 401, 'token.revoked');
  };
  const credentials = { email: 'ana@example.com', password: 'p' };

  it('renews a refused token once for all who were refused, and sends again', async () => {
    await using server = await serve(platform);
    const atrium = createAtrium({ baseUrl: server.url });
    await atrium.signIn(credentials);
    await Promise.all([1, 2, 3, 4].map(() => atrium.get('/api/v1/auth/me')));
    await atrium.post('/api/v1/calendar/events', {
      body: { title: 'x', startsAt: '2030-01-01T10:00:00Z', endsAt: '2030-01-01T11:00:00Z', timeZone: 'UTC' },
    });
    expect(server.seen.filter(({ url }) => url === '/api/v1/auth/refresh')).toHaveLength(1);
  });

  it('is over when the refresh is refused', async () => {
    await using server = await serve(platform);
    const states: unknown[] = [];
    const atrium = createAtrium({ baseUrl: server.url, onSession: (state) => states.push(state) });
    atrium.session.restore({ accessToken: 'old', refreshToken: 'spent', expiresAt: Date.now() + 900_000 });
    await expect(atrium.get('/api/v1/auth/me')).rejects.toMatchObject({ code: 'auth.refresh_reused' });
    expect(states.at(-1)).toBeUndefined();
    expect(await atrium.resume()).toBe(false);
  });

  it('uses the cookie in a browser, with the header that forms cannot send', async () => {
    const calls: { url: string; init: RequestInit & { credentials?: string } }[] = [];
    const fake: typeof fetch = async (url, init = {}) => {
      calls.push({ url: url as string, init });
      return Response.json({ accessToken: 'a1', expiresIn: 900, user: {}, workspace: {} });
    };
    const atrium = createAtrium({ baseUrl: '', refresh: 'cookie', fetch: fake });
    expect(await atrium.resume()).toBe(true);
    await atrium.signIn(credentials);
    await atrium.get('/api/v1/auth/me');
    expect(calls.map(({ url }) => url)).toEqual([
      '/api/v1/auth/refresh',
      '/api/v1/auth/login?cookie=true',
      '/api/v1/auth/me',
    ]);
    for (const { init } of calls) expect(init.credentials).toBe('include');
    expect(calls.map(({ init }) => new Headers(init.headers).get('x-csrf'))).toEqual(['1', '1', null]);
    expect(atrium.session.state?.refreshToken).toBeUndefined();
  });

  it('forgets here even when the server cannot be told', async () => {
    await using server = await serve((_seen, res) =>
      problem(res, 503, 'upstream.unavailable', { 'retry-after': '600' }),
    );
    const atrium = createAtrium({ baseUrl: server.url });
    atrium.session.adopt(TOKENS);
    await expect(atrium.signOut()).rejects.toMatchObject({ status: 503, retryAfter: 600 });
    expect(atrium.session.state).toBeUndefined();
    expect(server.seen).toHaveLength(1);
  });
});

describe('pages', () => {
  it('goes on by cursor, keeps the filters, and asks for no page before it is reached', async () => {
    await using server = await serve(({ url }, res) => {
      const at = Number(new URL(url, 'http://x').searchParams.get('cursor') ?? 0);
      const nextCursor = at < 4 ? String(at + 2) : null;
      json(res, 200, { data: [{ id: at }, { id: at + 1 }], page: { nextCursor, hasMore: nextCursor !== null } });
    });
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const ids: unknown[] = [];
    for await (const { id } of pages(atrium, '/api/v1/documents', { query: { limit: 2 } })) {
      ids.push(id);
      if (ids.length === 2) expect(server.seen).toHaveLength(1);
    }
    expect(ids).toEqual([0, 1, 2, 3, 4, 5]);
    expect(server.seen.map(({ url }) => new URL(url, 'http://x').search)).toEqual([
      '?limit=2',
      '?limit=2&cursor=2',
      '?limit=2&cursor=4',
    ]);
  });
});
