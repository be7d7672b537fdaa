import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findErasureGaps } from '@atrium/service-kit';
import { erasedPart, requestErasure, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson, type Person } from './fixtures/person.ts';

let neighbours: Neighbours;
let service: ServiceUnderTest;
beforeAll(async () => {
  neighbours = await startNeighbours();
  service = await startServiceUnderTest(agentOrchestrator, neighbours.env);
  neighbours.trust(service.issuer.url);
});
afterAll(async () => {
  await service.close();
  await neighbours.close();
});

const erase = async (request: Parameters<typeof requestErasure>[2]) =>
  erasedPart(agentOrchestrator, service, await requestErasure(agentOrchestrator, service, request));

const say = async (person: Person, conversation: string, text: string): Promise<string> => {
  const run = await person.ask(conversation, text);
  await person.hear(run);
  return run;
};

const rowsOf = async (table: string, workspaceId: string): Promise<string> =>
  JSON.stringify(
    await service.database.query(`select to_jsonb(t) as row from agent.${table} t where workspace_id = $1`, [
      workspaceId,
    ]),
  );

describe('erasing', () => {
  it('names every table', async () => {
    expect(await findErasureGaps(service.database, 'agent', agentOrchestrator.erasure)).toEqual([]);
  });

  it('a workspace leaves nothing of it, in Redis neither, and touches no other', async () => {
    const [anna, bruno] = [createPerson(service), createPerson(service)];
    const kept = await bruno.converse();
    await say(bruno, kept, 'A word of Bruno');
    const run = await say(anna, await anna.converse(), 'A secret of Anna');
    const stream = `${service.prefix}:run:${run}`;
    expect(await service.redis.exists(stream)).toBe(1);
    const { workspaceId } = anna.identity;
    const { erased, retained } = await erase({ userId: anna.identity.userId, workspaces: [workspaceId] });
    expect(erased).toMatchObject({ conversations: 1, messages: 2, runs: 1, run_streams: 1, agents: 1 });
    expect(retained).toEqual({ audit_log: 2 });
    for (const table of ['agents', 'conversations', 'messages', 'runs', 'run_steps', 'jobs', 'idempotency_keys'])
      expect([table, await rowsOf(table, workspaceId)]).toEqual([table, '[]']);
    expect(await service.redis.exists(stream)).toBe(0);
    expect(await bruno.messages(kept)).toHaveLength(2);
  });

  it('a person takes their words from a workspace that goes on, and leaves those of others', async () => {
    const anna = createPerson(service);
    const bruno = createPerson(service, { workspaceId: anna.identity.workspaceId });
    const [own, common, others] = [await anna.converse(), await anna.converse(), await bruno.converse()];
    await say(anna, own, 'Only Anna was here');
    await say(anna, common, 'Anna asks about otters');
    await say(bruno, common, 'Bruno asks about badgers');
    await say(bruno, others, 'Bruno alone');
    const { workspaceId, userId } = anna.identity;
    const { erased } = await erase({ userId, shared: [workspaceId] });
    expect(erased).toMatchObject({ messages: 4, runs: 2, conversations: 1, conversations_released: 1 });
    expect((await bruno.send('GET', `/conversations/${own}`)).status).toBe(404);
    expect((await bruno.send('GET', `/conversations/${common}`)).json).toMatchObject({ createdBy: null });
    expect(await bruno.messages(common)).toHaveLength(2);
    expect(await bruno.messages(others)).toHaveLength(2);
    for (const table of ['agents', 'conversations', 'messages', 'runs', 'run_steps', 'jobs', 'idempotency_keys'])
      expect(await rowsOf(table, workspaceId)).not.toMatch(new RegExp(`${userId}|otters|Only Anna`));
  });
});
