import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livePattern } from '@atrium/service-kit';
import { eventually, makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as calendar } from '../src/service.ts';
import { createCalendarClient, type CalendarClient } from './fixtures/calendar.client.ts';

let service: ServiceUnderTest;
let client: CalendarClient;
beforeAll(async () => {
  service = await startServiceUnderTest(calendar);
  client = createCalendarClient(service);
});
afterAll(() => service.close());

const titles = ({ body }: { body: Record<string, unknown> }): string[] =>
  (body['data'] as { title: string }[]).map(({ title }) => title);
const pageOf = ({ body }: { body: Record<string, unknown> }) =>
  body['page'] as { nextCursor: string | null; hasMore: boolean };

describe('creating an event', () => {
  it('answers with the event, in UTC, and it can be read again', async () => {
    const anna = makeIdentity();
    const details = { location: 'Rua Augusta 1', description: 'Bring the plan', attendees: ['bruno@example.com'] };
    const { status, body } = await client.create(anna, {
      ...details,
      startsAt: '2026-03-10T10:30:00-03:00',
      endsAt: '2026-03-10T14:00:00Z',
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      ...details,
      id: expect.any(String),
      calendarId: expect.any(String),
      title: 'Lunch',
      startsAt: '2026-03-10T13:30:00.000Z',
      endsAt: '2026-03-10T14:00:00.000Z',
      timeZone: 'Europe/Lisbon',
      createdAt: expect.any(String),
    });
    expect((await client.get(anna, `events/${String(body['id'])}`)).body).toEqual(body);
  });

  it('goes into one calendar, also when the first ones come at once', async () => {
    const anna = makeIdentity();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.create(anna)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    expect(new Set(answers.map(({ body }) => body['calendarId'])).size).toBe(1);
  });

  it('tells those who listen live, after the commit', async () => {
    const anna = makeIdentity();
    const listener = service.redis.duplicate();
    const heard: string[] = [];
    listener.on('pmessage', (_pattern: string, _channel: string, message: string) => heard.push(message));
    await listener.psubscribe(livePattern(service.prefix));
    const { body } = await client.create(anna);
    const message = await eventually(async () => heard.find((text) => text.includes(String(body['id']))));
    listener.disconnect();
    expect(message).toContain('calendar.event.created.v1');
  });

  it('happens once for one Idempotency-Key', async () => {
    const anna = makeIdentity();
    const first = await client.create(anna, {}, 'run-1:3');
    const second = await client.create(anna, {}, 'run-1:3');
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(titles(await client.get(anna, 'events'))).toEqual(['Lunch']);
    expect((await client.create(anna, { title: 'Dinner' }, 'run-1:3')).body['code']).toBe('idempotency.mismatch');
  });

  it.each([
    ['an unknown zone', { timeZone: 'Nowhere' }, 'event.unknown_time_zone', 'body.timeZone'],
    ['an offset for a zone', { timeZone: '+02:00' }, 'event.unknown_time_zone', 'body.timeZone'],
    ['an end before the start', { endsAt: '2026-03-10T11:00:00Z' }, 'event.ends_before_start', 'body.endsAt'],
    ['more than 366 days', { endsAt: '2027-03-12T12:00:00Z' }, 'event.too_long', 'body.endsAt'],
    ['a time without a zone', { startsAt: '2026-03-10T12:00:00' }, 'request.invalid', 'body.startsAt'],
    ['no title', { title: '  ' }, 'request.invalid', 'body.title'],
    ['an attendee that is no address', { attendees: ['bruno'] }, 'request.invalid', 'body.attendees.0'],
    ['an unknown field', { workspaceId: randomUUID() }, 'request.invalid', 'body'],
  ])('is refused for %s', async (_name, change, code, path) => {
    const anna = makeIdentity();
    const { status, body, headers } = await client.create(anna, change);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 422,
      type: 'application/problem+json; charset=utf-8',
    });
    expect(body).toMatchObject({ code, errors: [{ path }] });
    expect(titles(await client.get(anna, 'events'))).toEqual([]);
  });

  it('is refused to a viewer, who may still read', async () => {
    const viewer = makeIdentity({ role: 'viewer' });
    const { status, body } = await client.create(viewer);
    expect({ status, code: body['code'] }).toEqual({ status: 403, code: 'access.forbidden' });
    expect((await client.get(viewer, 'events')).status).toBe(200);
  });
});

describe('listing events', () => {
  it('gives those with any part in the range, by start', async () => {
    const anna = makeIdentity();
    const book = (title: string, startsAt: string, endsAt: string) => client.create(anna, { title, startsAt, endsAt });
    await book('starts at the end', '2026-03-11T00:00:00Z', '2026-03-11T01:00:00Z');
    await book('over the end', '2026-03-10T23:00:00Z', '2026-03-11T01:00:00Z');
    await book('inside', '2026-03-10T12:00:00Z', '2026-03-10T13:00:00Z');
    await book('over the start', '2026-03-09T23:00:00Z', '2026-03-10T00:30:00Z');
    await book('ends at the start', '2026-03-09T23:00:00Z', '2026-03-10T00:00:00Z');
    await book('around all of it', '2026-03-01T00:00:00Z', '2026-03-30T00:00:00Z');
    const day = await client.get(anna, 'events?from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z');
    expect(titles(day)).toEqual(['around all of it', 'over the start', 'inside', 'over the end']);
    expect(titles(await client.get(anna, 'events?from=2026-03-11T00:30:00Z'))).toEqual([
      'around all of it',
      'over the end',
      'starts at the end',
    ]);
    expect(titles(await client.get(anna, 'events?to=2026-03-09T00:00:00Z'))).toEqual(['around all of it']);
  });

  it('goes page by page through events of the same start without losing any', async () => {
    const anna = makeIdentity();
    for (let at = 0; at < 5; at += 1) await client.create(anna, { title: `event ${at}` });
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages += 1) {
      const page = await client.get(anna, `events?limit=2${cursor}`);
      seen.push(...titles(page));
      expect(pageOf(page).hasMore).toBe(pages < 2);
      cursor = `&cursor=${pageOf(page).nextCursor}`;
    }
    expect([...seen].sort()).toEqual(['event 0', 'event 1', 'event 2', 'event 3', 'event 4']);
  });

  it.each([
    ['an empty range', 'events?from=2026-03-11T00:00:00Z&to=2026-03-11T00:00:00Z', 'range.empty'],
    ['a day for an instant', 'events?from=2026-03-11', 'request.invalid'],
    ['a cursor that no list returned', 'events?cursor=nonsense', 'request.invalid_cursor'],
    [
      'a forged cursor',
      `events?cursor=${Buffer.from(JSON.stringify({ at: 'soon', id: randomUUID() })).toString('base64url')}`,
      'request.invalid_cursor',
    ],
  ])('is refused for %s', async (_name, path, code) => {
    const { status, body } = await client.get(makeIdentity(), path);
    expect({ status, code: body['code'] }).toEqual({ status: 422, code });
  });
});

describe('an event of somebody else', () => {
  it.each([
    ['in another workspace', () => makeIdentity()],
    ['in the same workspace', (workspaceId: string) => makeIdentity({ workspaceId })],
  ])('%s is not there', async (_name, somebody) => {
    const anna = makeIdentity();
    const other = somebody(anna.workspaceId);
    await client.create(other, { title: 'their own' });
    const { body } = await client.create(anna);
    const id = String(body['id']);
    expect((await client.get(other, `events/${id}`)).body['code']).toBe('event.not_found');
    expect((await client.delete(other, id)).status).toBe(404);
    expect(titles(await client.get(other, 'events'))).toEqual(['their own']);
    const booked = await client.create(other, { calendarId: body['calendarId'] });
    expect({ status: booked.status, code: booked.body['code'] }).toEqual({ status: 404, code: 'calendar.not_found' });
    expect((await client.get(anna, `events/${id}`)).status).toBe(200);
  });
});

describe('deleting an event', () => {
  it('takes it out of the calendar; a second time it is not there', async () => {
    const anna = makeIdentity();
    const id = String((await client.create(anna)).body['id']);
    expect((await client.delete(anna, id)).status).toBe(204);
    expect((await client.get(anna, `events/${id}`)).status).toBe(404);
    expect((await client.delete(anna, id)).status).toBe(404);
  });
});
