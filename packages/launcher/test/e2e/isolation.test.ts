import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { signUp, startPlatformUnderTest, type Person, type PlatformUnderTest } from './platform.fixture.ts';

const SECRET = 'the canary sings at dawn';
let platform: PlatformUnderTest;
let anna: Person;
let bruno: Person;
/** Ids of Anna's things, by the path that reads them. */
let theirs: { service: string; path: string }[];

const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('an id is missing');
  return value;
};

beforeAll(async () => {
  platform = await startPlatformUnderTest();
  [anna, bruno] = await Promise.all([signUp(platform.gateway, 'anna'), signUp(platform.gateway, 'bruno')]);
  const api = `${platform.gateway}/api/v1`;
  await eventually(async () => {
    const { json } = await anna.call('GET', `${api}/billing/balance`);
    return Number(json['available']) > 0;
  });
  const form = new FormData();
  form.set('file', new Blob([`# Notes\n\n${SECRET}. The wifi password hangs in the kitchen.`]), 'notes.md');
  const document = text((await anna.call('POST', `${api}/documents`, form)).json['id']);
  const ready = async () => (await anna.call('GET', `${api}/documents/${document}`)).json['status'] === 'ready';
  await eventually(ready);
  const conversation = text((await anna.call('POST', `${api}/conversations`, { title: SECRET })).json['id']);
  const sent = await anna.call('POST', `${api}/conversations/${conversation}/messages`, {
    text: `When does ${SECRET}?`,
  });
  const run = text((sent.json['run'] as { id: unknown }).id);
  const ended = async () => /completed|failed/.test(text((await anna.call('GET', `${api}/runs/${run}`)).json['state']));
  await eventually(ended);
  const event = await anna.call('POST', `${api}/calendar/events`, {
    title: SECRET,
    startsAt: '2030-01-01T10:00:00Z',
    endsAt: '2030-01-01T11:00:00Z',
    timeZone: 'UTC',
  });
  const agents = (await anna.call('GET', `${api}/agents`)).json['data'] as { id: string }[];
  const spent = await eventually(async () => {
    const { json } = await anna.call('GET', `${api}/billing/transactions`);
    const rows = json['data'] as { id: string }[];
    return rows.length > 1 && rows;
  });
  theirs = [
    { service: 'document', path: `/documents/${document}` },
    { service: 'document', path: `/documents/${document}/content` },
    { service: 'agent-orchestrator', path: `/conversations/${conversation}` },
    { service: 'agent-orchestrator', path: `/conversations/${conversation}/messages` },
    { service: 'agent-orchestrator', path: `/runs/${run}` },
    { service: 'agent-orchestrator', path: `/runs/${run}/events` },
    { service: 'agent-orchestrator', path: `/agents/${agents[0]?.id}` },
    { service: 'calendar', path: `/calendar/events/${text(event.json['id'])}` },
    { service: 'billing', path: `/billing/transactions/${spent[0]?.id}` },
  ];
}, 180_000);
afterAll(() => platform.close());

describe('a token of another workspace', () => {
  it.each(['gateway', 'the service itself'])('reads none of their things at %s', async (door) => {
    for (const { service, path } of theirs) {
      const url = `${door === 'gateway' ? platform.gateway : platform.urls[service]}/api/v1${path}`;
      expect({ path, status: (await anna.call('GET', url)).status }).toEqual({ path, status: 200 });
      const answer = await bruno.call('GET', url);
      expect({ path, status: answer.status }).toEqual({ path, status: 404 });
      expect(answer.text).not.toContain('canary');
    }
  });

  it.each(['gateway', 'the service itself'])('finds none of their things in any list at %s', async (door) => {
    const lists = [
      ['document', '/documents'],
      ['document', `/documents/search?query=${encodeURIComponent(SECRET)}`],
      ['agent-orchestrator', '/conversations'],
      ['calendar', '/calendar/events'],
      ['billing', '/billing/transactions'],
    ] as const;
    for (const [service, path] of lists) {
      const url = `${door === 'gateway' ? platform.gateway : platform.urls[service]}/api/v1${path}`;
      const own = await anna.call('GET', url);
      expect({ path, own: (own.json['data'] as unknown[]).length > 0 }).toEqual({ path, own: true });
      const answer = await bruno.call('GET', url);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      const ids = (own.json['data'] as { id?: string; documentId?: string }[]).map((row) => row.id ?? row.documentId);
      for (const id of ids) expect(answer.text).not.toContain(id);
      expect(answer.text).not.toContain('canary');
    }
  });

  it('changes none of their things', async () => {
    for (const { service, path } of theirs) {
      for (const url of [platform.gateway, platform.urls[service]].map((host) => `${host}/api/v1${path}`)) {
        const answer = await bruno.call('DELETE', url);
        expect([404, 405]).toContain(answer.status);
      }
      expect((await anna.call('GET', `${platform.gateway}/api/v1${path}`)).status).toBe(200);
    }
  });

  it('cannot reach internal routes, through the gateway or with a token of its own', async () => {
    const hold = { reference: 'x', provider: 'builtin', model: 'builtin', maxInputTokens: 1, maxOutputTokens: 1 };
    expect((await bruno.call('POST', `${platform.gateway}/internal/holds`, hold)).status).toBe(404);
    expect((await bruno.call('POST', `${platform.urls['billing']}/internal/holds`, hold)).status).toBe(403);
  });
});

describe('every service', () => {
  it('has no table that another service could read, and none without protection', async () => {
    for (const { schema } of platform.definitions) {
      if (!schema) continue;
      const grants = await platform.database.query(
        `select table_schema, table_name from information_schema.role_table_grants
         where grantee = $1 and table_schema <> $2 and table_schema not in ('pg_catalog', 'information_schema')`,
        [`atrium_${schema}`, schema],
      );
      expect({ schema, grants }).toEqual({ schema, grants: [] });
    }
  });
});
