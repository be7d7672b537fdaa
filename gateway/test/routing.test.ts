import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity } from '@atrium/testing';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway();
});
afterAll(() => hall.close());

/** Sends bytes as they are: `fetch` would tidy them up first. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(hall.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
const seenByAll = (): number => Object.values(hall.upstreams).reduce((sum, { seen }) => sum + seen.length, 0);

describe('routing', () => {
  it.each([
    ['/api/v1/documents?limit=2', 'document', '/api/v1/documents?limit=2'],
    ['/api/documents/1', 'document', '/api/v1/documents/1'],
    ['/api/v1/agents', 'agent-orchestrator', '/api/v1/agents'],
    ['/api/conversations', 'agent-orchestrator', '/api/v1/conversations'],
    ['/api/v1/billing/balance', 'billing', '/api/v1/billing/balance'],
    ['/api/v1/calendar/events', 'calendar', '/api/v1/calendar/events'],
    ['/api/v1/auth/me', 'auth', '/api/v1/auth/me'],
    ['/api/v1/ops/calendar/dead-letters', 'calendar', '/api/v1/ops/calendar/dead-letters'],
  ])('GET %s goes to %s as %s', async (path, service, url) => {
    const response = await hall.send(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ service, method: 'GET', url });
  });

  it('passes methods, bodies, statuses and headers of answers', async () => {
    hall.upstreams.document.handle = (_req, res) => {
      res.writeHead(201, { 'content-type': 'text/x', etag: '"1"', 'set-cookie': ['a=1', 'b=2'], vary: 'accept' });
      res.end('made');
    };
    const response = await hall.send('/api/v1/documents/x', { method: 'PATCH', body: '{"a":1}' });
    expect([response.status, await response.text()]).toEqual([201, 'made']);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(hall.upstreams.document.seen.at(-1)).toMatchObject({ method: 'PATCH', bodyBytes: 7 });
  });

  it('answers HEAD, and 204 and 304 without a body', async () => {
    hall.upstreams.billing.handle = (req, res) => {
      res.writeHead(req.method === 'HEAD' ? 200 : req.method === 'DELETE' ? 204 : 304, { etag: '"2"' }).end();
    };
    for (const [method, status] of [
      ['HEAD', 200],
      ['DELETE', 204],
      ['GET', 304],
    ] as const) {
      const response = await hall.send('/api/v1/billing/x', { method });
      expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([status, '"2"', '']);
    }
  });

  it('serves public keys without a token', async () => {
    const response = await hall.send('/.well-known/jwks.json', { headers: { authorization: '' } });
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([200, ['keys']]);
  });

  it.each(['/api/v1/nothing', '/nothing', '/', '/api/v1/documentsx', '/api'])('knows nothing at %s', async (path) => {
    const response = await hall.send(path);
    expect([response.status, await codeOf(response)]).toEqual([404, 'request.unknown_route']);
  });

  it('offers its own pages for reading only', async () => {
    const response = await hall.send('/openapi.json', { method: 'POST' });
    expect([response.status, await codeOf(response)]).toEqual([405, 'request.method_not_allowed']);
  });

  it.each([
    '/internal/tokens',
    '/INTERNAL/tokens',
    '//internal/tokens',
    '/api/v1/../../internal/tokens',
    '/api/v1/auth/../../../internal/tokens',
    '/api/v1/auth/%2e%2e/%2e%2e/%2e%2e/internal/tokens',
    '/api/v1/auth/..%2f..%2f..%2finternal/tokens',
    '/api/v1/auth/..%5c..%5c..%5cinternal/tokens',
    '/api/v1/auth/..\\..\\..\\internal\\tokens',
    '/api/v1/%252e%252e/internal/tokens',
    '/api/internal/tokens',
    '/api/v1/internal/tokens',
    '/%69nternal/tokens',
    '/./internal/tokens',
    '/api//internal/tokens',
    '/internal;x/tokens',
    'http://127.0.0.1/internal/tokens',
    'http://127.0.0.1:8001/internal/tokens',
  ])('never lets %s through', async (target) => {
    const before = seenByAll();
    const head = `POST ${target} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${hall.token()}\r\n`;
    const answer = await raw(`${head}content-length: 2\r\nconnection: close\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /);
    expect(answer).toMatch(/"code":"request\.(malformed_url|unknown_route)"/);
    expect(seenByAll()).toBe(before);
  });
});

describe('the token', () => {
  const refused = async (authorization: string): Promise<[number, string, string | null]> => {
    const response = await hall.send('/api/v1/documents', { headers: { authorization } });
    return [response.status, await codeOf(response), response.headers.get('www-authenticate')];
  };

  it('is checked before a service is asked', async () => {
    const before = seenByAll();
    expect(await refused('')).toEqual([401, 'token.missing', 'Bearer']);
    expect(await refused('Basic YTpi')).toEqual([401, 'token.missing', 'Bearer']);
    expect(await refused('Bearer a.b.c')).toEqual([401, 'token.invalid', 'Bearer']);
    expect(await refused(`Bearer ${hall.token()}x`)).toEqual([401, 'token.invalid', 'Bearer']);
    expect(await refused(`Bearer ${hall.token(makeIdentity(), { expiresIn: -60 })}`)).toEqual([
      401,
      'token.expired',
      'Bearer',
    ]);
    expect(seenByAll()).toBe(before);
  });

  it.each(['register', 'login', 'refresh'])('is not needed for POST /auth/%s', async (name) => {
    const response = await hall.send(`/api/v1/auth/${name}`, {
      method: 'POST',
      body: '{}',
      headers: { authorization: '' },
    });
    expect(response.status).toBe(200);
  });

  it('travels on, so that the service can check it again', async () => {
    await hall.send('/api/v1/calendar/x');
    expect(hall.upstreams.calendar.seen.at(-1)?.headers.authorization).toMatch(/^Bearer ey/);
  });
});

describe('headers', () => {
  it('lets no claim about the caller through, in whatever spelling', async () => {
    const forged = [
      'X-User-Id',
      'x-user-id',
      'X-USER-ROLE',
      'X-Tenant-Id',
      'X-Workspace-Id',
      'X-Forwarded-For',
      'X-Forwarded-User',
      'X-Real-IP',
      'Forwarded',
      'X-Atrium-Identity',
      'X-Service-Name',
      'X_User_Id',
      'Proxy-Authorization',
      'X-Listed',
    ];
    const lines = [...forged, ...forged].map((name) => `${name}: forged\r\n`).join('');
    const head = `GET /api/v1/calendar/raw HTTP/1.1\r\nhost: api.example\r\nauthorization: Bearer ${hall.token()}\r\n`;
    expect(await raw(`${head}${lines}connection: close, X-Listed\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200/);
    const { headers, rawHeaders } = hall.upstreams.calendar.seen.at(-1) ?? { headers: {}, rawHeaders: [] };
    expect(rawHeaders.join('\n')).not.toContain('forged');
    expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(headers).toMatchObject({
      'x-forwarded-host': 'api.example',
      host: new URL(hall.upstreams.calendar.url).host,
    });
  });

  it('gives every answer a request id, and keeps one that was sent', async () => {
    const [fresh, kept, odd] = await Promise.all([
      hall.send('/api/v1/auth/me'),
      hall.send('/api/v1/auth/me', { headers: { 'x-request-id': 'trace-me-12345' } }),
      hall.send('/nothing', { headers: { 'x-request-id': 'bad id' } }),
    ]);
    expect(fresh.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(kept.headers.get('x-request-id')).toBe('trace-me-12345');
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const ids = hall.upstreams.auth.seen.map(({ headers }) => headers['x-request-id']);
    expect(ids).toEqual(expect.arrayContaining(['trace-me-12345', fresh.headers.get('x-request-id')]));
  });

  it('sets security headers and hides what runs here', async () => {
    hall.upstreams.calendar.handle = (_req, res) => {
      res.writeHead(200, { 'x-powered-by': 'something', server: 'something', 'x-request-id': 'theirs' }).end();
    };
    for (const path of ['/api/v1/calendar/x', '/nothing', '/health/live']) {
      const { headers } = await hall.send(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('strict-transport-security')).toBeTruthy();
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-request-id')).not.toBe('theirs');
    }
  });

  it('leaves a stricter policy of a service in place', async () => {
    hall.upstreams.document.handle = (_req, res) => {
      res.writeHead(200, { 'content-security-policy': 'sandbox' }).end();
    };
    expect((await hall.send('/api/v1/documents/1/content')).headers.get('content-security-policy')).toBe('sandbox');
  });
});
