import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findErasureGaps } from '@atrium/service-kit';
import {
  erasedPart,
  makeIdentity,
  requestErasure,
  startServiceUnderTest,
  type ServiceUnderTest,
  type TestIdentity,
} from '@atrium/testing';
import request from 'supertest';
import { service as calendar } from '../src/service.ts';
import { createCalendarClient } from './fixtures/calendar.client.ts';

let service: ServiceUnderTest;
let client: ReturnType<typeof createCalendarClient>;
let google: Server;
let revoked: string[] = [];
let googleStatus = 200;
beforeAll(async () => {
  google = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      revoked.push(new URLSearchParams(body).get('token') ?? '');
      res.writeHead(googleStatus).end('{}');
    });
  });
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  service = await startServiceUnderTest(calendar, {
    DATA_KEYS: `1:${randomBytes(32).toString('base64')}`,
    GOOGLE_REVOKE_URL: `http://127.0.0.1:${(google.address() as AddressInfo).port}/revoke`,
  });
  client = createCalendarClient(service);
});
afterAll(async () => {
  await service.close();
  await new Promise((resolve) => google.close(resolve));
});
beforeEach(() => {
  revoked = [];
  googleStatus = 200;
});

const connect = (identity: TestIdentity, refreshToken: string) =>
  request(service.url)
    .post('/internal/calendar/grants')
    .set('authorization', `Bearer ${service.issuer.token(identity, { actor: 'auth' })}`)
    .send({ provider: 'google', account: 'g@example.com', subject: '7', scopes: ['s'], refreshToken });

const erase = async (wish: Parameters<typeof requestErasure>[2]) =>
  erasedPart(calendar, service, await requestErasure(calendar, service, wish));

const all = async (): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      ['calendars', 'events', 'integrations', 'idempotency_keys', 'jobs'].map((table) =>
        service.database.query(`select to_jsonb(t) as row from calendar.${table} t`),
      ),
    ),
  );

it('names every table', async () => {
  expect(await findErasureGaps(service.database, 'calendar', calendar.erasure)).toEqual([]);
});

it("erases a person's calendar in a workspace that goes on, gives the grant back, and leaves the others'", async () => {
  const anna = makeIdentity();
  const bruno = makeIdentity({ workspaceId: anna.workspaceId });
  for (const one of [anna, bruno]) {
    await client.register(one, 'UTC');
    expect((await client.create(one, { title: one === anna ? 'Of Anna' : 'Of Bruno' }, 'a-key')).status).toBe(201);
  }
  await connect(anna, '1//anna');
  const { erased } = await erase({ userId: anna.userId, shared: [anna.workspaceId] });
  expect(erased).toEqual({ calendars: 1, events: 1, integrations: 1, google_grants_revoked: 1, idempotency_keys: 1 });
  expect(revoked).toEqual(['1//anna']);
  const left = await all();
  expect(left).not.toMatch(new RegExp(`${anna.userId}|Of Anna`));
  expect(left).toContain('Of Bruno');
});

it('erases the grant also when Google does not take it back, and says so', async () => {
  googleStatus = 503;
  const anna = makeIdentity();
  await connect(anna, '1//other');
  const { erased } = await erase({ userId: anna.userId, workspaces: [anna.workspaceId] });
  expect(erased).toEqual({ integrations: 1, google_grants_not_revoked: 1 });
  expect(await all()).not.toContain(anna.workspaceId);
});

it('counts once when the work is begun again, also by another process', async () => {
  const anna = makeIdentity();
  await client.register(anna, 'UTC');
  for (let made = 0; made < 3; made += 1) await client.create(anna);
  const wish = { userId: anna.userId, workspaces: [anna.workspaceId] };
  const erasureId = await requestErasure(calendar, service, wish);
  const { erased } = await erasedPart(calendar, service, erasureId);
  expect(erased).toMatchObject({ events: 3, calendars: 1 });
  // As after a crash between the last deletion and the report.
  await service.database.query(
    `update calendar.erasure_work set completed_at = null, request = $2 where erasure_id = $1`,
    [erasureId, JSON.stringify({ erasureId, scope: 'user', shared: [], ...wish })],
  );
  await service.database.query(`delete from calendar.outbox where key = $1`, [erasureId]);
  await service.database.query(`update calendar.jobs set state = 'queued', finished_at = null where key = $1`, [
    erasureId,
  ]);
  expect((await erasedPart(calendar, service, erasureId)).erased).toEqual(erased);
});
