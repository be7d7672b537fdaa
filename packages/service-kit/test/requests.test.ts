import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { createDiaryClient, type DiaryClient } from './fixtures/diary.client.ts';
import { diary } from './fixtures/diary.service.ts';

let service: ServiceUnderTest;
let client: DiaryClient;
beforeAll(async () => {
  service = await startServiceUnderTest(diary);
  client = createDiaryClient(service);
});
afterAll(() => service.close());

const notes = async (): Promise<number> => (await service.database.query(`select 1 from diary.notes`)).length;

describe('bad input', () => {
  const cases: [string, () => ReturnType<DiaryClient['send']>, number, string][] = [
    ['malformed JSON', () => client.send('POST', '/api/v1/notes', { raw: '{"text":' }), 400, 'request.malformed_json'],
    ['a bare value', () => client.send('POST', '/api/v1/notes', { raw: '"text"' }), 400, 'request.malformed_json'],
    ['no body', () => client.send('POST', '/api/v1/notes'), 422, 'request.invalid'],
    ['a missing field', () => client.send('POST', '/api/v1/notes', { body: {} }), 422, 'request.invalid'],
    [
      'an unknown field',
      () => client.send('POST', '/api/v1/notes', { body: { text: 'a', id: 1 } }),
      422,
      'request.invalid',
    ],
    [
      'a prototype',
      () => client.send('POST', '/api/v1/notes', { raw: '{"text":"a","__proto__":{"work":true}}' }),
      422,
      'request.invalid',
    ],
    [
      'too much',
      () => client.send('POST', '/api/v1/notes', { body: { text: 'a'.repeat(5_000) } }),
      413,
      'request.too_large',
    ],
    [
      'another content type',
      () => client.send('POST', '/api/v1/notes', { raw: 'text=a', headers: { 'content-type': 'text/plain' } }),
      415,
      'request.unsupported_media_type',
    ],
    ['an id that is no UUID', () => client.send('GET', '/api/v1/notes/1'), 422, 'request.invalid'],
    ['a malformed URL', () => client.send('GET', '/api/v1/notes/%E0%A4%A'), 400, 'request.malformed_url'],
    [
      'text that cannot be stored',
      () => client.send('POST', '/api/v1/notes', { body: { text: 'a\u0000b' } }),
      422,
      'request.invalid_text',
    ],
    ['an unknown route', () => client.send('GET', '/api/v1/nothing'), 404, 'request.unknown_route'],
    ['an unknown method', () => client.send('DELETE', '/api/v1/notes'), 405, 'request.method_not_allowed'],
    [
      'a token of nobody',
      () => client.send('GET', '/api/v1/notes', { headers: { authorization: 'Bearer a.b.c' } }),
      401,
      'token.invalid',
    ],
    [
      'another scheme',
      () => client.send('GET', '/api/v1/notes', { headers: { authorization: 'Basic eA==' } }),
      401,
      'token.missing',
    ],
    [
      'a weaker role',
      () => client.send('POST', '/api/v1/notes', { body: { text: 'a' }, identity: makeIdentity({ role: 'viewer' }) }),
      403,
      'access.forbidden',
    ],
    [
      'an odd idempotency key',
      () => client.send('POST', '/api/v1/notes', { body: { text: 'a' }, headers: { 'idempotency-key': 'a b' } }),
      422,
      'idempotency.invalid_key',
    ],
  ];

  it.each(cases)('%s is refused as problem+json and writes nothing', async (_name, send, status, code) => {
    const before = await notes();
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({ status, code, requestId: answer.headers.get('x-request-id') });
    expect(answer.text).not.toMatch(/node_modules|at \w+ \(|\.ts:/);
    expect(await notes()).toBe(before);
  });

  it('names every field that is wrong', async () => {
    const answer = await client.send('POST', '/api/v1/notes', { body: { text: '', work: 'yes' } });
    const errors = answer.json['errors'] as { path: string }[];
    expect(errors.map(({ path }) => path).sort()).toEqual(['body.text', 'body.work']);
  });

  it('does not hang on a body that never ends', async () => {
    const { port } = new URL(service.url);
    const socket = connect(Number(port), '127.0.0.1');
    const token = service.issuer.token(makeIdentity());
    socket.write(
      `POST /api/v1/notes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: application/json\r\ncontent-length: 100000\r\n\r\n{"text":`,
    );
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('says nothing of what went wrong inside', async () => {
    const answer = await client.send('POST', '/api/v1/notes', { body: { text: 'undo it' } });
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal.error' } });
    expect(answer.text).not.toContain('undone');
  });
});

describe('a route', () => {
  it('with a literal path goes before one with a parameter', async () => {
    expect((await client.send('GET', '/api/v1/notes/count')).json).toEqual({ count: 0 });
  });

  it('that reads cannot write', async () => {
    const before = await notes();
    expect((await client.send('GET', '/api/v1/notes/misbehave')).status).toBe(500);
    expect(await notes()).toBe(before);
  });
});

describe('an answer', () => {
  it('carries declared fields only', async () => {
    const answer = await client.send('POST', '/api/v1/notes', { body: { text: 'plain' } });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.json).sort()).toEqual(['id', 'text']);
  });

  it('takes over a request id that looks like one', async () => {
    const given = await client.send('GET', '/api/v1/notes', { headers: { 'x-request-id': 'from-the-edge-1' } });
    expect(given.headers.get('x-request-id')).toBe('from-the-edge-1');
    const odd = await client.send('GET', '/api/v1/notes', { headers: { 'x-request-id': 'a b' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a service that cannot reach its database', () => {
  it('does not start, and says where it looked', async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const { port } = nobody.address() as { port: number };
    await new Promise((resolve) => nobody.close(resolve));
    const env = {
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATABASE_URL: `postgres://someone@127.0.0.1:${port}/none`,
      REDIS_URL: process.env['TEST_REDIS_URL'],
      AUTH_URL: service.issuer.url,
    };
    await expect(diary.start(env)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('a service that starts while auth is slow', () => {
  it('takes no requests before it knows what was revoked', async () => {
    let asked = 0;
    const slow = createHttpServer((req, res) => {
      if (req.url?.startsWith('/internal/revocations') && (asked += 1) <= 2) return void req.socket.destroy();
      void fetch(new URL(req.url ?? '', service.issuer.url)).then(async (answer) => {
        res.setHeader('content-type', 'application/json').end(await answer.text());
      });
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    try {
      const { port } = slow.address() as AddressInfo;
      const second = await service.startAgain({ AUTH_URL: `http://127.0.0.1:${port}` });
      const token = service.issuer.token(makeIdentity());
      const answer = await fetch(`${second.url}/api/v1/notes`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(200);
      expect(asked).toBeGreaterThan(2);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });
});
