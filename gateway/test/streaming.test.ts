import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leaveUnread } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

const MIB = 1_048_576;
const UPLOAD_LIMIT = 256 * MIB;
const BODY_LIMIT = MIB;

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway({
    BODY_LIMIT: String(BODY_LIMIT),
    UPLOAD_LIMIT: String(UPLOAD_LIMIT),
    UPSTREAM_IDLE_MS: '5000',
  });
});
afterAll(() => hall.close());

const upload = { authorization: '', 'content-type': 'multipart/form-data; boundary=x' };
const asUser = (headers: Record<string, string>) => ({ ...headers, authorization: `Bearer ${hall.token()}` });

/** Sends a body piece by piece and gives the answer and how the sending ended. */
const sendSlowly = (path: string, headers: Record<string, string>, body: Readable): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // A connection of its own: some of these bodies are never finished.
    const agent = new Agent({ keepAlive: true });
    const req = httpRequest(`${hall.url}${path}`, { agent, method: 'POST', headers: asUser(headers) }, resolve);
    req.on('error', reject);
    body.pipe(req);
  });

const bodyOf = (bytes: number, piece = 64 * 1024): Readable => {
  const filled = Buffer.alloc(piece, 'a');
  let left = bytes;
  return new Readable({
    read() {
      const size = Math.min(left, piece);
      left -= size;
      this.push(size > 0 ? filled.subarray(0, size) : null);
    },
  });
};

const statusAndCode = async (res: IncomingMessage): Promise<[number | undefined, string]> => {
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  return [res.statusCode, (JSON.parse(Buffer.concat(chunks).toString()) as { code: string }).code];
};

describe('event streams', () => {
  const openStream = async (accept: string): Promise<{ reader: ReadableStreamDefaultReader; res: ServerResponse }> => {
    const opened = new Promise<ServerResponse>((resolve) => {
      hall.upstreams['agent-orchestrator'].handle = (_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
        res.flushHeaders();
        resolve(res);
      };
    });
    const response = await hall.send('/api/v1/runs/1/events', { headers: { accept, 'last-event-id': '7' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    if (!response.body) throw new Error('the answer has no body');
    return { reader: response.body.getReader(), res: await opened };
  };

  it.each(['text/event-stream', '*/*'])(
    'pass each event before the next one is written (accept %s)',
    async (accept) => {
      const { reader, res } = await openStream(accept);
      expect(hall.upstreams['agent-orchestrator'].seen.at(-1)?.headers['last-event-id']).toBe('7');
      for (let id = 1; id <= 5; id += 1) {
        const event = `id: ${id}\nevent: text.delta\ndata: {"text":"é${id}"}\n\n`;
        res.write(event);
        // The next one is written only after this one has come through whole.
        const { value } = (await reader.read()) as { value: Uint8Array };
        expect(Buffer.from(value).toString()).toBe(event);
      }
      res.end();
      expect((await reader.read()).done).toBe(true);
    },
  );

  it.each(['text/event-stream', '*/*'])('end at the service when the client leaves (accept %s)', async (accept) => {
    const { reader, res } = await openStream(accept);
    const ended = new Promise((resolve) => res.once('close', () => resolve('closed')));
    await reader.cancel();
    expect(await ended).toBe('closed');
    expect(res.writableFinished).toBe(false);
  });

  it('break at the client when the service breaks', async () => {
    const { reader, res } = await openStream('text/event-stream');
    res.write('id: 1\n\n');
    await reader.read();
    res.destroy();
    await expect(reader.read()).rejects.toThrow();
  });

  it('are cut with a whole ending when the gateway drains', async () => {
    const second = await hall.startAgain();
    let opened: ServerResponse | undefined;
    hall.upstreams['agent-orchestrator'].handle = (_req, res) => {
      opened = res;
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\n\n');
    };
    const headers = asUser({ accept: 'text/event-stream' });
    const response = await fetch(`${second.url}/api/v1/runs/1/events`, { headers });
    const text = response.text();
    await eventually(async () => opened);
    const started = performance.now();
    await second.close();
    expect(await text).toBe('id: 1\n\n');
    expect(performance.now() - started).toBeLessThan(5_000);
    await eventually(async () => opened?.closed);
  });
});

describe('uploads', () => {
  it('stream through while they are sent, in flat memory', async () => {
    const arrived = new Promise<number>((resolve) => {
      hall.upstreams.document.handle = (req, res) => {
        let bytes = 0;
        req.on('data', (chunk: Buffer) => (bytes += chunk.length));
        req.on('end', () => {
          res.writeHead(201).end('{}');
          resolve(bytes);
        });
      };
    });
    const before = process.memoryUsage().rss;
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    const res = await sendSlowly('/api/v1/documents', upload, bodyOf(240 * MIB));
    clearInterval(watch);
    res.resume();
    expect(res.statusCode).toBe(201);
    expect(await arrived).toBe(240 * MIB);
    // Client, gateway and service share this process; buffering the body anywhere would show all of it.
    expect(peak - before).toBeLessThan(120 * MIB);
  });

  it('hold back a client that sends faster than the service reads', async () => {
    let taken: IncomingMessage | undefined;
    hall.upstreams.document.handle = (req) => {
      req.removeAllListeners('data');
      req.pause();
      taken = req;
    };
    const body = bodyOf(60 * MIB);
    let sent = 0;
    body.on('data', (chunk: Buffer) => (sent += chunk.length));
    const req = httpRequest(`${hall.url}/api/v1/documents`, { method: 'POST', headers: asUser(upload) });
    req.on('error', () => undefined);
    body.pipe(req);
    await eventually(async () => taken);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const early = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sent).toBe(early);
    expect(sent).toBeLessThan(40 * MIB);
    req.destroy();
    taken?.resume();
    await eventually(async () => taken?.destroyed);
  });

  it('are refused by their declared length before the service is asked', async () => {
    const before = hall.upstreams.document.seen.length;
    const headers = { ...upload, 'content-length': String(UPLOAD_LIMIT + 1) };
    const res = await sendSlowly('/api/v1/documents', headers, bodyOf(1));
    expect(await statusAndCode(res)).toEqual([413, 'request.too_large']);
    expect(hall.upstreams.document.seen.length).toBe(before);
  });

  it('are refused while they stream once they are too long, and the service sees them break off', async () => {
    hall.upstreams.document.handle = () => undefined;
    const res = await sendSlowly('/api/v1/documents', upload, bodyOf(UPLOAD_LIMIT + MIB));
    expect(await statusAndCode(res)).toEqual([413, 'request.too_large']);
    const seen = hall.upstreams.document.seen.at(-1);
    await eventually(async () => seen?.ended === 'aborted');
    expect(seen?.bodyBytes).toBeLessThanOrEqual(UPLOAD_LIMIT + MIB);
  });

  it('wait for leave when they ask for it', async () => {
    hall.upstreams.document.handle = (req, res) => void req.on('end', () => res.writeHead(201).end('{}'));
    const ask = (size: number): Promise<string[]> =>
      new Promise((resolve, reject) => {
        const heard: string[] = [];
        const headers = asUser({ ...upload, expect: '100-continue', 'content-length': String(size) });
        const req = httpRequest(`${hall.url}/api/v1/documents`, { method: 'POST', headers });
        req.on('error', reject);
        req.on('continue', () => {
          heard.push('continue');
          req.end(Buffer.alloc(size));
        });
        req.on('response', (res) => {
          res.resume();
          resolve([...heard, String(res.statusCode)]);
          if (heard.length === 0) req.destroy();
        });
        req.flushHeaders();
      });
    expect(await ask(10)).toEqual(['continue', '201']);
    expect(await ask(UPLOAD_LIMIT + 1)).toEqual(['413']);
  });
});

describe('ordinary bodies', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    hall.send('/api/v1/agents', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  it('pass up to the limit and not a byte more', async () => {
    hall.upstreams['agent-orchestrator'].handle = (req, res) => void req.on('end', () => res.end('{}'));
    expect((await post('x'.repeat(BODY_LIMIT))).status).toBe(200);
    const before = hall.upstreams['agent-orchestrator'].seen.length;
    const refused = await post('x'.repeat(BODY_LIMIT + 1));
    expect([refused.status, await codeOf(refused)]).toEqual([413, 'request.too_large']);
    expect(hall.upstreams['agent-orchestrator'].seen.length).toBe(before);
  });

  it('are counted when they do not tell their length', async () => {
    const passed = await sendSlowly('/api/v1/agents', {}, bodyOf(BODY_LIMIT, 1000));
    passed.resume();
    expect(passed.statusCode).toBe(200);
    const refused = await sendSlowly('/api/v1/agents', {}, bodyOf(BODY_LIMIT + 1, 1000));
    expect(await statusAndCode(refused)).toEqual([413, 'request.too_large']);
  });

  it('have the ordinary limit as JSON, also where uploads go', async () => {
    const response = await hall.send('/api/v1/documents/search', {
      method: 'POST',
      body: 'x'.repeat(BODY_LIMIT + 1),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
  });

  it('may be refused by a service unread, and the connection still serves', async () => {
    hall.upstreams['agent-orchestrator'].handle = (req, res) => {
      req.removeAllListeners('data');
      leaveUnread(req);
      res.writeHead(415).end('{}');
    };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (bytes: number): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = asUser({ 'content-length': String(bytes) });
        const req = httpRequest(`${hall.url}/api/v1/agents`, { agent, method: 'POST', headers }, (res) => {
          res.resume().once('end', () => resolve(res.statusCode));
        });
        req.once('error', reject);
        req.end('x'.repeat(bytes));
      });
    for (const bytes of [BODY_LIMIT, 200_000, 70_000, 2]) expect(await post(bytes)).toBe(415);
    agent.destroy();
  });

  it('have no place in a GET', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = asUser({ 'content-length': '2' });
      const req = httpRequest(`${hall.url}/api/v1/agents`, { method: 'GET', headers }, (res) => {
        resolve(res.statusCode);
        res.resume();
      });
      req.on('error', reject);
      req.end('{}');
    });
    expect(status).toBe(400);
  });

  it('go with a slow reader: the service is held back, nothing is lost', async () => {
    const size = 24 * MIB;
    let written = 0;
    hall.upstreams.document.handle = (_req, res) => {
      const source = bodyOf(size);
      source.on('data', (chunk: Buffer) => (written += chunk.length));
      source.pipe(res);
    };
    const response = await hall.send('/api/v1/documents/1/content');
    const reader = response.body?.getReader();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(size);
    let read = 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      read += (part.value as Uint8Array).length;
    expect(read).toBe(size);
  });
});
