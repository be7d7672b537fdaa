import { randomUUID } from 'node:crypto';
import { EntitlementsChanged } from '@atrium/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { everything, problem, startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson } from './fixtures/person.ts';

let neighbours: Neighbours;
let service: ServiceUnderTest;
beforeAll(async () => {
  neighbours = await startNeighbours();
  service = await startServiceUnderTest(agentOrchestrator, { ...neighbours.env, DEFAULT_MODEL: 'builtin' });
  neighbours.trust(service.issuer.url);
});
afterAll(async () => {
  await service.close();
  await neighbours.close();
});

type Plan = Partial<Record<keyof typeof everything, unknown>>;
/** Puts one workspace on a plan; the others may do everything. */
const limit = (workspaceId: string, plan: Plan): void =>
  neighbours.answer('readEntitlements', ({ caller }) => ({
    body: {
      plan: 'small',
      entitlements: caller.workspaceId === workspaceId ? { ...everything, ...plan } : everything,
      plans: [{ id: 'large', name: 'Large', entitlements: everything }],
    },
  }));
const write = (person: ReturnType<typeof createPerson>, conversation: string, body: Record<string, unknown> = {}) =>
  person.send('POST', `/conversations/${conversation}/messages`, { text: 'Hello', ...body });

describe('the tags of a message', () => {
  it('reach billing with the agent, so that the cost can be grouped by them', async () => {
    const person = createPerson(service);
    const tags = { client: 'acme', project: 'site' };
    expect((await write(person, await person.converse(), { tags })).status).toBe(202);
    const [hold] = await eventually(async () => {
      const holds = neighbours.of(person.identity.workspaceId, 'placeHold');
      return holds.length > 0 && holds;
    });
    expect(hold?.input).toMatchObject({ tags, agentId: expect.any(String) });
  });

  it.each([{ Client: 'x' }, { client: '' }, { client: 5 }, { 'a b': 'x' }])('are refused as %j', async (tags) => {
    const person = createPerson(service);
    expect((await write(person, await person.converse(), { tags })).status).toBe(422);
  });
});

describe('a plan', () => {
  it('keeps back the models it does not include, and says which plan includes them', async () => {
    const person = createPerson(service);
    limit(person.identity.workspaceId, { models: ['gpt-*'] });
    const { status, json } = await write(person, await person.converse());
    expect({ status, json }).toMatchObject({
      status: 403,
      json: { code: 'entitlement.exceeded', entitlement: 'models', plan: 'small', allowedBy: 'large' },
    });
  });

  it('lets no more run at once than it allows, also when they are asked for at once', async () => {
    const person = createPerson(service);
    limit(person.identity.workspaceId, { concurrentRuns: 2 });
    neighbours.answer('placeHold', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return problem(402, 'billing.insufficient_funds', 'Nothing is left.');
    });
    const conversations = await Promise.all(Array.from({ length: 6 }, () => person.converse()));
    const answers = await Promise.all(conversations.map((conversation) => write(person, conversation)));
    neighbours.answer('placeHold', undefined);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(2);
    expect(answers.filter(({ json }) => json['entitlement'] === 'concurrentRuns')).toHaveLength(4);
  });

  it('that changed counts at once', async () => {
    const person = createPerson(service);
    const { workspaceId } = person.identity;
    limit(workspaceId, { models: [] });
    const conversation = await person.converse();
    expect((await write(person, conversation)).status).toBe(403);
    limit(workspaceId, {});
    const id = randomUUID();
    const envelope = {
      ...{ specversion: '1.0', id, source: '/atrium/test', type: EntitlementsChanged.type, subject: workspaceId },
      ...{ time: new Date().toISOString(), datacontenttype: 'application/json', workspaceid: workspaceId },
      data: { plan: 'large' },
    };
    await service.database.query(
      `insert into agent.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       values ($1, 'agent-orchestrator', $2::text, $3, $2::uuid, $4)`,
      [id, workspaceId, envelope.type, JSON.stringify(envelope)],
    );
    await eventually(async () => (await write(person, conversation)).status === 202);
  });

  it('keeps nobody from work while billing does not answer', async () => {
    const person = createPerson(service);
    neighbours.answer('readEntitlements', () => problem(500, 'internal.error', 'Something went wrong.'));
    expect((await write(person, await person.converse())).status).toBe(202);
    neighbours.answer('readEntitlements', undefined);
  });
});
