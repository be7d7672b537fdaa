import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findIsolationGaps } from '@atrium/service-kit';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { service as calendar } from '../src/service.ts';
import { createCalendarClient, type CalendarClient } from './fixtures/calendar.client.ts';

let service: ServiceUnderTest;
let client: CalendarClient;
beforeAll(async () => {
  service = await startServiceUnderTest(calendar);
  client = createCalendarClient(service);
});
afterAll(() => service.close());

describe('a new person', () => {
  it('gets one calendar of their own, in their time zone', async () => {
    const anna = makeIdentity();
    await client.register(anna, 'America/Sao_Paulo');
    await client.register(anna, 'America/Sao_Paulo');
    const { body } = await client.get(anna, 'calendars');
    expect(body).toEqual({
      data: [
        { id: expect.any(String), name: 'Personal', timeZone: 'America/Sao_Paulo', createdAt: expect.any(String) },
      ],
    });
  });

  it('gets one in every workspace they open or join', async () => {
    for (const type of ['auth.workspace.created.v1', 'auth.member.joined.v1']) {
      const anna = makeIdentity();
      await client.register(anna, 'Asia/Tokyo', type);
      expect((await client.get(anna, 'calendars')).body).toMatchObject({
        data: [{ name: 'Personal', timeZone: 'Asia/Tokyo' }],
      });
    }
  });

  it('whose time zone nobody knows gets UTC', async () => {
    const anna = makeIdentity();
    await client.register(anna, 'Mars/Olympus');
    expect((await client.get(anna, 'calendars')).body).toMatchObject({ data: [{ timeZone: 'UTC' }] });
  });

  it('can book before calendar hears of them; the calendar then takes their time zone', async () => {
    const anna = makeIdentity();
    const { status, body } = await client.create(anna);
    expect(status).toBe(201);
    const own = { id: body['calendarId'], timeZone: 'Europe/Lisbon' };
    expect((await client.get(anna, 'calendars')).body).toMatchObject({ data: [own] });
    await client.register(anna, 'Asia/Tokyo');
    expect((await client.get(anna, 'calendars')).body['data']).toEqual([
      expect.objectContaining({ ...own, timeZone: 'Asia/Tokyo' }),
    ]);
  });
});

describe('isolation', () => {
  it('leaves no table open and shows nothing without a workspace', async () => {
    await client.create(makeIdentity());
    const asService = await new DataSource({
      type: 'postgres',
      url: service.database.urlOf('calendar'),
      extra: { max: 1 },
    }).initialize();
    const gaps = await findIsolationGaps(asService, 'calendar', calendar.shared);
    const rows = [
      await asService.query(`select * from calendar.calendars`),
      await asService.query(`select * from calendar.events`),
    ];
    await asService.destroy();
    expect(gaps).toEqual([]);
    expect(rows).toEqual([[], []]);
  });
});
