import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuditRecord } from '@atrium/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import request from 'supertest';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';

let auth: Auth;
let calendar: Server;
/** What calendar has on record, newest first, and what it was asked. */
let kept: AuditRecord[] = [];
const asked: URL[] = [];

beforeAll(async () => {
  calendar = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://calendar');
    asked.push(url);
    const [before, limit] = [url.searchParams.get('before'), Number(url.searchParams.get('limit'))];
    const data = kept.filter(({ at }) => before === null || at < before).slice(0, limit);
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => calendar.listen(0, '127.0.0.1', resolve));
  const { port } = calendar.address() as AddressInfo;
  const nobody = 'http://127.0.0.1:9';
  auth = await startAuth({
    ...{ AGENT_URL: nobody, DOCUMENT_URL: nobody, BILLING_URL: nobody },
    CALENDAR_URL: `http://127.0.0.1:${port}`,
  });
});
afterAll(async () => {
  await auth.close();
  calendar.close();
});

const record = (sequence: number, at: Date): AuditRecord => ({
  ...{ id: crypto.randomUUID(), sequence, at: at.toISOString().replace('Z', '000Z') },
  actor: { userId: null, service: null, credential: null, ip: null, userAgent: null },
  ...{ operation: 'createEvent', outcome: 'ok', code: null, target: null, requestId: 'r', details: {}, hash: '00' },
});
const read = async (token: string, query = '') => {
  const answer = await request(auth.url).get(`/api/v1/audit-log${query}`).set('authorization', `Bearer ${token}`);
  expect(answer.status).toBe(200);
  return answer.body as {
    data: { service: string; operation: string }[];
    page: { nextCursor: string | null };
    incomplete: string[];
  };
};

it('shows the parts of all services in one order with one cursor, and names those that are away', async () => {
  const early = record(1, new Date(Date.now() - 60_000));
  const { accessToken } = await auth.register(auth.newEmail());
  kept = [record(2, new Date(Date.now() + 60_000)), early];
  const first = await read(accessToken, '?limit=2');
  expect(first.data.map(({ service, operation }) => [service, operation])).toEqual([
    ['calendar', 'createEvent'],
    ['auth', 'register'],
  ]);
  expect(first.incomplete).toEqual(['agent-orchestrator', 'billing', 'document']);
  const second = await read(accessToken, `?limit=2&cursor=${first.page.nextCursor ?? ''}`);
  expect(second).toMatchObject({ data: [{ service: 'calendar', id: early.id }], page: { nextCursor: null } });
});

it('shows one service alone when asked, and asks no other then', async () => {
  const { accessToken } = await auth.register(auth.newEmail());
  kept = [record(1, new Date())];
  const before = asked.length;
  expect(await read(accessToken, '?service=auth')).toMatchObject({ data: [{ service: 'auth' }], incomplete: [] });
  expect(asked).toHaveLength(before);
  expect(await read(accessToken, '?service=calendar')).toMatchObject({
    data: [{ service: 'calendar' }],
    incomplete: [],
  });
  expect(await read(accessToken, '?service=billing')).toMatchObject({ data: [], incomplete: ['billing'] });
});
