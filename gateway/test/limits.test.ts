import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, makeIdentity, redisUrl } from '@atrium/testing';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

let hall: GatewayUnderTest;
afterEach(() => hall.close());

const statuses = async (times: number, ask: (at: number) => Promise<Response>): Promise<Record<number, number>> => {
  const answers = await Promise.all(Array.from({ length: times }, (_, at) => ask(at)));
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const login = (url: string) => fetch(`${url}/api/v1/auth/login`, { method: 'POST', body: '{}' });

/** Redis behind a wire that can be cut, and that can fall silent. */
const startWire = async () => {
  const { hostname, port } = new URL(redisUrl());
  const sockets = new Set<Socket>();
  let silent = false;
  const listen = (at: number): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((near) => {
        const far = new (near.constructor as typeof Socket)().connect(Number(port || 6379), hostname);
        for (const one of [near, far]) {
          sockets.add(one);
          one.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy(), sockets.delete(one)));
        }
        near.on('data', (data) => void (silent || far.write(data)));
        far.on('data', (data) => void near.write(data));
      });
      server.listen(at, '127.0.0.1', () => resolve(server));
    });
  let server = await listen(0);
  const { port: own } = server.address() as { port: number };
  const url = new URL(redisUrl());
  [url.hostname, url.port] = ['127.0.0.1', String(own)];
  return {
    url: url.href,
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    mend: async () => void (server = await listen(own)),
    hush: () => (silent = true),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

describe('limits', () => {
  it('tell the client where it stands, and when to come again', async () => {
    hall = await startGateway({ RATE_LIMIT_USER: '3', RATE_LIMIT_WINDOW: '30' });
    const first = await hall.send('/api/v1/documents');
    expect(first.headers.get('ratelimit-policy')).toBe('"user";q=3;w=30');
    expect(first.headers.get('ratelimit')).toMatch(/^"user";r=2;t=(10|9)$/);
    await hall.send('/api/v1/billing/x');
    await hall.send('/api/v1/auth/me');
    const refused = await hall.send('/api/v1/documents');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'request.rate_limited']);
    // One of three in 30 s comes back every 10 s, and all of them within 30.
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(refused.headers.get('ratelimit')).toMatch(/^"user";r=0;t=(30|2\d)$/);
    const other = await fetch(`${hall.url}/api/v1/documents`, {
      headers: { authorization: `Bearer ${hall.token(makeIdentity())}` },
    });
    expect(other.status).toBe(200);
  });

  it('are strict for signing in, by address and not by what the client says of itself', async () => {
    hall = await startGateway({ RATE_LIMIT_STRICT: '5' });
    const counts = await statuses(12, (at) =>
      fetch(`${hall.url}/api/v1/auth/${at % 2 ? 'login' : 'Register/'}`, {
        method: 'POST',
        body: '{}',
        headers: { 'x-forwarded-for': `10.0.0.${at}`, 'x-real-ip': `10.0.1.${at}`, forwarded: `for=10.0.2.${at}` },
      }),
    );
    expect(counts).toEqual({ 200: 5, 429: 7 });
    expect(hall.upstreams.auth.seen.length).toBe(5);
  });

  it('count an address behind a trusted proxy, an IPv6 one by its network', async () => {
    hall = await startGateway({ RATE_LIMIT_STRICT: '2', TRUST_PROXY: 'loopback' });
    const from = (address: string) =>
      fetch(`${hall.url}/api/v1/auth/login`, { method: 'POST', headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } });
    expect(await statuses(4, (at) => from(`2001:db8:1:2::${at}`))).toEqual({ 200: 2, 429: 2 });
    expect(await statuses(4, (at) => from(`203.0.113.${at}`))).toEqual({ 200: 4 });
    expect(hall.upstreams.auth.seen.at(-1)?.headers['x-forwarded-for']).toMatch(/^203\.0\.113\.\d$/);
  });

  it('count bad tokens by address, and never health', async () => {
    hall = await startGateway({ RATE_LIMIT_ANONYMOUS: '4' });
    const guess = () => hall.send('/api/v1/documents', { headers: { authorization: 'Bearer a.b.c' } });
    expect(await statuses(10, guess)).toEqual({ 401: 4, 429: 6 });
    expect(await statuses(10, () => fetch(`${hall.url}/health/live`))).toEqual({ 200: 10 });
    expect((await fetch(`${hall.url}/docs`)).status).toBe(429);
    expect((await hall.send('/api/v1/documents')).status).toBe(200);
  });

  it('hold over all gateways together', async () => {
    hall = await startGateway({ RATE_LIMIT_USER: '1000', RATE_LIMIT_STRICT: '20', RATE_LIMIT_WINDOW: '86400' });
    const [second, third] = [await hall.startAgain(), await hall.startAgain()];
    const urls = [hall.url, second.url, third.url];
    expect(await statuses(60, (at) => login(urls[at % 3] ?? ''))).toEqual({ 200: 20, 429: 40 });
    const authorization = `Bearer ${hall.token()}`;
    const counts = await statuses(1_500, (at) =>
      fetch(`${urls[at % 3]}/api/v1/documents`, { headers: { authorization } }),
    );
    expect(counts[200]).toBeLessThanOrEqual(1_000);
    expect(counts[200]).toBeGreaterThanOrEqual(980);
  });

  it('can be turned off', async () => {
    hall = await startGateway({ RATE_LIMIT_USER: '0' });
    const response = await hall.send('/api/v1/documents');
    expect([response.status, response.headers.get('ratelimit')]).toEqual([200, null]);
  });
});

describe('without Redis', () => {
  it('every gateway counts by itself, and together again afterwards', async () => {
    const wire = await startWire();
    hall = await startGateway({ RATE_LIMIT_STRICT: '5', REDIS_URL: wire.url });
    await eventually(async () => (await hall.running.ready()).status === 'ready');
    wire.cut();
    await eventually(async () => (await hall.running.ready()).status === 'degraded');
    expect(await statuses(12, () => login(hall.url))).toEqual({ 200: 5, 429: 7 });
    expect((await hall.send('/api/v1/documents')).status).toBe(200);
    expect((await fetch(`${hall.url}/health/ready`)).status).toBe(200);
    await wire.mend();
    await eventually(async () => (await hall.running.ready()).status === 'ready');
    wire.close();
  });

  it('does not wait for one that has fallen silent', async () => {
    const wire = await startWire();
    hall = await startGateway({ RATE_LIMIT_STRICT: '5', REDIS_URL: wire.url });
    await eventually(async () => (await hall.running.ready()).status === 'ready');
    wire.hush();
    const started = performance.now();
    expect(await statuses(3, () => login(hall.url))).toEqual({ 200: 3 });
    expect(performance.now() - started).toBeLessThan(2_000);
    wire.close();
  });
});
