import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

const OPEN_MS = 400;

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway({
    BREAKER_FAILURES: '3',
    BREAKER_OPEN_MS: String(OPEN_MS),
    UPSTREAM_ANSWER_MS: '300',
    UPSTREAM_IDLE_MS: '300',
  });
});
afterAll(() => hall.close());
// A breaker that a test has opened is closed again by a request that is answered.
afterEach(async () => {
  hall.upstreams.billing.handle = (_req, res) => void res.end('{}');
  await eventually(async () => (await ask())[0] === 200);
});

let asked = 0;
/** Something else each time, since whoever repeats what failed is told to wait. */
const somewhere = () => `/api/v1/billing/x?number=${(asked += 1)}`;
const ask = async (accept = '*/*'): Promise<[number, string, string | null]> => {
  const response = await hall.send(somewhere(), { headers: { accept } });
  const code = response.ok ? 'ok' : await codeOf(response);
  return [response.status, code, response.headers.get('retry-after')];
};

describe.each(['*/*', 'text/event-stream'])('a service that fails (accept %s)', (accept) => {
  it('gives 502 when it breaks off', async () => {
    hall.upstreams.billing.handle = (req) => void req.socket.destroy();
    expect(await ask(accept)).toEqual([502, 'upstream.broken_off', '1']);
  });

  it('gives 504 when it does not answer', async () => {
    hall.upstreams.billing.handle = () => undefined;
    expect(await ask(accept)).toEqual([504, 'upstream.timeout', '1']);
  });

  it('gives 503 when it is not there, is then left alone, and is found again', async () => {
    await hall.upstreams.billing.crash();
    const refused: unknown[] = [];
    for (let at = 0; at < 3; at += 1) refused.push((await ask(accept))[1]);
    expect(refused).toEqual(Array(3).fill('upstream.unavailable'));
    await hall.upstreams.billing.recover();
    hall.upstreams.billing.handle = (_req, res) => void res.end('{}');
    const before = hall.upstreams.billing.seen.length;
    expect(await ask(accept)).toEqual([503, 'upstream.unavailable', '1']);
    expect(hall.upstreams.billing.seen.length).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    expect(await ask(accept)).toEqual([200, 'ok', null]);
    expect(await ask(accept)).toEqual([200, 'ok', null]);
  });
});

describe('the breaker', () => {
  it('lets one request try while the others are still refused', async () => {
    hall.upstreams.billing.handle = (req) => void req.socket.destroy();
    for (let at = 0; at < 3; at += 1) await ask();
    await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    const before = hall.upstreams.billing.seen.length;
    const codes = (await Promise.all([ask(), ask(), ask(), ask()])).map(([, code]) => code);
    expect(codes.toSorted()).toEqual(['upstream.broken_off', ...Array<string>(3).fill('upstream.unavailable')]);
    // A read whose connection breaks before an answer is asked once more on another one.
    expect(hall.upstreams.billing.seen.length).toBe(before + 2);
  });

  it('does not count what a service answers, nor clients that leave', async () => {
    hall.upstreams.billing.handle = (_req, res) => void res.writeHead(500).end();
    for (let at = 0; at < 4; at += 1) expect((await hall.send(somewhere())).status).toBe(500);
    hall.upstreams.billing.handle = () => undefined;
    for (let at = 0; at < 4; at += 1)
      await expect(hall.send('/api/v1/billing/x', { signal: AbortSignal.timeout(30) })).rejects.toThrow();
    hall.upstreams.billing.handle = (_req, res) => void res.end('{}');
    expect(await ask()).toEqual([200, 'ok', null]);
  });

  it('is one for each service', async () => {
    hall.upstreams.billing.handle = (req) => void req.socket.destroy();
    for (let at = 0; at < 4; at += 1) await ask();
    expect((await hall.send('/api/v1/calendar/x')).status).toBe(200);
  });
});

describe('an exchange', () => {
  it('ends at the service when the client leaves', async () => {
    hall.upstreams.calendar.handle = () => undefined;
    await expect(hall.send('/api/v1/calendar/x', { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    const seen = hall.upstreams.calendar.seen.at(-1);
    hall.upstreams.calendar.handle = (_req, res) => void res.end('{}');
    await eventually(async () => seen?.ended !== 'running');
  });

  it('is cut when the answer breaks off in the middle', async () => {
    hall.upstreams.calendar.handle = (_req, res) => {
      res.writeHead(200, { 'content-length': '10' }).write('12345');
      setTimeout(() => res.destroy(), 20);
    };
    await expect(hall.send('/api/v1/calendar/x').then((response) => response.text())).rejects.toThrow();
  });
});

it('says which service it is when the answer is no HTTP', async () => {
  const nonsense = createServer((socket) => void socket.end('nonsense\r\n\r\n'));
  await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve));
  const { port } = nonsense.address() as { port: number };
  const second = await hall.startAgain({ BILLING_URL: `http://127.0.0.1:${port}` });
  const response = await fetch(`${second.url}/api/v1/billing/x`, {
    headers: { authorization: `Bearer ${hall.token()}` },
  });
  expect([response.status, await codeOf(response.clone())]).toEqual([502, 'upstream.broken_off']);
  expect(((await response.json()) as { detail: string }).detail).toContain('billing');
  nonsense.close();
});
