import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';
import request from 'supertest';
import { service } from '../src/service.ts';

let calendar: ServiceUnderTest;
beforeAll(async () => {
  calendar = await startServiceUnderTest(service, { DATA_KEYS: `1:${randomBytes(32).toString('base64')}` });
});
afterAll(() => calendar.close());

const grant = { provider: 'google', account: 'a@example.com', subject: '7', scopes: ['s'], refreshToken: '1//secret' };
const give = (identity: TestIdentity, actor?: string, body: object = grant) =>
  request(calendar.url)
    .post('/internal/calendar/grants')
    .set('authorization', `Bearer ${calendar.issuer.token(identity, actor === undefined ? {} : { actor })}`)
    .send(body);
const list = async (identity: TestIdentity) => {
  const answer = await request(calendar.url)
    .get('/api/v1/me/calendar/integrations')
    .set('authorization', `Bearer ${calendar.issuer.token(identity)}`);
  return (answer.body as { data: Record<string, unknown>[] }).data;
};

it('keeps one integration an account, encrypted, and shows it to its owner alone', async () => {
  const mine = makeIdentity();
  const first = await give(mine, 'auth');
  expect(first.status).toBe(200);
  expect((await give(mine, 'auth', { ...grant, refreshToken: '1//newer' })).body).toEqual(first.body);
  const [shown, ...more] = await list(mine);
  expect(more).toEqual([]);
  expect(Object.keys(shown ?? {}).sort()).toEqual(['account', 'connectedAt', 'id', 'provider', 'scopes']);
  const rows = await calendar.database.query<{ sealed_token: Buffer }>(
    `select sealed_token from calendar.integrations`,
  );
  expect(rows.map(({ sealed_token: sealed }) => sealed.includes('newer'))).toEqual([false]);
  expect(await list(makeIdentity({ workspaceId: mine.workspaceId }))).toEqual([]);
  expect(await list(makeIdentity({ userId: mine.userId }))).toEqual([]);
});

it('takes grants from auth alone, and whole ones', async () => {
  const mine = makeIdentity();
  expect((await give(mine)).status).toBe(403);
  expect((await give(mine, 'agent-orchestrator')).status).toBe(403);
  expect((await give(mine, 'auth', { ...grant, refreshToken: '' })).status).toBe(422);
  expect(await list(mine)).toEqual([]);
});
