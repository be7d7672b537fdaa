import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findIsolationGaps } from '@atrium/service-kit';
import { startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { DataSource } from 'typeorm';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson, type Person } from './fixtures/person.ts';

let neighbours: Neighbours;
let service: ServiceUnderTest;
let asService: DataSource;
let anna: Person;
let theirs: { agent: string; conversation: string; run: string };
beforeAll(async () => {
  neighbours = await startNeighbours();
  service = await startServiceUnderTest(agentOrchestrator, neighbours.env);
  neighbours.trust(service.issuer.url);
  asService = await new DataSource({
    type: 'postgres',
    url: service.database.urlOf('agent'),
    extra: { max: 1 },
  }).initialize();
  anna = createPerson(service);
  const conversation = await anna.converse();
  const run = await anna.ask(conversation, 'What is my balance?');
  await anna.hear(run);
  const { json } = await anna.send('GET', `/conversations/${conversation}`);
  theirs = { agent: json['agentId'] as string, conversation, run };
});
afterAll(async () => {
  await asService.destroy();
  await service.close();
  await neighbours.close();
});

describe('somebody of another workspace', () => {
  const attempts: [string, (of: typeof theirs) => string, unknown][] = [
    ['GET', ({ agent }) => `/agents/${agent}`, undefined],
    ['PUT', ({ agent }) => `/agents/${agent}`, { name: 'Mine' }],
    ['DELETE', ({ agent }) => `/agents/${agent}`, undefined],
    ['GET', ({ conversation }) => `/conversations/${conversation}`, undefined],
    ['GET', ({ conversation }) => `/conversations/${conversation}/messages`, undefined],
    ['POST', ({ conversation }) => `/conversations/${conversation}/messages`, { text: 'Hello' }],
    ['PATCH', ({ conversation }) => `/conversations/${conversation}/status`, { status: 'archived' }],
    ['GET', ({ run }) => `/runs/${run}`, undefined],
    ['POST', ({ run }) => `/runs/${run}/cancel`, undefined],
    ['GET', ({ run }) => `/runs/${run}/events`, undefined],
  ];
  it.each(attempts)('gets 404 for %s of theirs (%#)', async (method, path, body) => {
    const bruno = createPerson(service);
    expect((await bruno.send(method, path(theirs), body)).status).toBe(404);
  });

  it('cannot talk to their agent, and sees none of their things in lists', async () => {
    const bruno = createPerson(service);
    expect((await bruno.send('POST', '/conversations', { agentId: theirs.agent })).status).toBe(404);
    for (const list of ['/agents', '/conversations', `/conversations?agentId=${theirs.agent}`])
      expect((await bruno.send('GET', list)).json['data']).toEqual([]);
  });

  it('left everything as it was', async () => {
    expect((await anna.send('GET', `/agents/${theirs.agent}`)).json).toMatchObject({ name: 'Assistant', version: 1 });
    expect((await anna.send('GET', `/conversations/${theirs.conversation}`)).json['status']).toBe('open');
    expect(await anna.messages(theirs.conversation)).toHaveLength(2);
  });
});

describe('a role', () => {
  it.each([
    ['viewer', 'POST', '/conversations', {}],
    ['viewer', 'POST', '/agents', { name: 'x' }],
    ['member', 'POST', '/agents', { name: 'x' }],
  ] as const)('%s may not %s %s', async (role, method, path, body) => {
    const { status, json } = await createPerson(service, { role }).send(method, path, body);
    expect([status, json['code']]).toEqual([403, 'access.forbidden']);
  });

  it('viewer reads and follows, but does not stop', async () => {
    const viewer = createPerson(service, { role: 'viewer', workspaceId: anna.identity.workspaceId });
    expect((await viewer.hear(theirs.run)).at(-1)?.event).toBe('run.completed');
    expect((await viewer.send('POST', `/runs/${theirs.run}/cancel`)).status).toBe(403);
  });
});

describe('the database', () => {
  it('guards every table', async () => {
    expect(await findIsolationGaps(asService, 'agent', agentOrchestrator.shared)).toEqual([]);
  });

  it.each(['agents', 'conversations', 'messages', 'runs', 'run_steps'])(
    "shows nothing of %s to the service's own role outside a workspace",
    async (table) => {
      expect((await service.database.query(`select 1 from agent.${table}`)).length).toBeGreaterThan(0);
      expect(await asService.query(`select 1 from agent.${table}`)).toEqual([]);
    },
  );
});
