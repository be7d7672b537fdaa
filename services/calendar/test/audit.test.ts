import { verifyAudit } from '@atrium/service-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as calendar } from '../src/service.ts';
import { createCalendarClient, type CalendarClient } from './fixtures/calendar.client.ts';

let service: ServiceUnderTest;
let client: CalendarClient;
beforeAll(async () => {
  service = await startServiceUnderTest(calendar);
  client = createCalendarClient(service);
});
afterAll(() => service.close());

const logOf = (workspaceId: string) =>
  service.database.query(
    `select operation, outcome, code, target, user_id from calendar.audit_log where workspace_id = $1 order by sequence`,
    [workspaceId],
  );
const verify = () => verifyAudit({ adminUrl: service.database.adminUrl, schemas: ['calendar'] });

it('records what was done, to what, and who was refused; once each, in a chain that holds', async () => {
  const anna = makeIdentity();
  const viewer = makeIdentity({ workspaceId: anna.workspaceId, role: 'viewer' });
  const { body } = await client.create(anna, {}, 'same-key');
  await client.create(anna, {}, 'same-key');
  expect((await client.create(viewer)).status).toBe(403);
  await client.delete(anna, String(body['id']));
  expect((await client.delete(anna, String(body['id']))).status).toBe(404);
  await client.get(anna, 'calendars');
  const by = { user_id: anna.userId, target: body['id'] };
  expect(await logOf(anna.workspaceId)).toEqual([
    { ...by, operation: 'createEvent', outcome: 'ok', code: null },
    { operation: 'createEvent', outcome: 'denied', code: 'access.forbidden', user_id: viewer.userId, target: null },
    { ...by, operation: 'deleteEvent', outcome: 'ok', code: null },
    { ...by, operation: 'deleteEvent', outcome: 'failed', code: expect.stringContaining('not_found') },
  ]);
  expect((await verify()).breaks).toEqual([]);
});

it('shows its part to auth alone', async () => {
  const owner = makeIdentity({ role: 'owner' });
  await client.create(owner);
  const read = (actor?: string) =>
    fetch(`${service.url}/internal/audit-log?limit=10`, {
      headers: { authorization: `Bearer ${service.issuer.token(owner, actor === undefined ? {} : { actor })}` },
    });
  expect((await read()).status).toBe(403);
  expect((await read('document')).status).toBe(403);
  expect(await (await read('auth')).json()).toMatchObject({
    data: [{ operation: 'readCalendarAuditLog' }, { operation: 'readCalendarAuditLog' }, { operation: 'createEvent' }],
  });
});
