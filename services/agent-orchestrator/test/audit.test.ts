import { verifyAudit } from '@atrium/service-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson } from './fixtures/person.ts';

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

const logOf = (workspaceId: string) =>
  service.database.query(
    `select operation, outcome, code, target, user_id from agent.audit_log where workspace_id = $1 order by sequence`,
    [workspaceId],
  );
const verify = () => verifyAudit({ adminUrl: service.database.adminUrl, schemas: ['agent'] });

it('records what was done, to what, and who was refused; once each, in a chain that holds', async () => {
  const owner = createPerson(service, { role: 'owner' });
  const { workspaceId, userId } = owner.identity;
  const viewer = createPerson(service, { workspaceId, role: 'viewer' });
  const conversation = await owner.converse();
  expect((await viewer.send('POST', '/conversations', {})).status).toBe(403);
  await owner.send('PATCH', `/conversations/${conversation}/status`, { status: 'archived' });
  const by = { user_id: userId, target: conversation, outcome: 'ok', code: null };
  expect(await logOf(workspaceId)).toEqual([
    { ...by, operation: 'createConversation' },
    {
      ...{ operation: 'createConversation', outcome: 'denied', code: 'access.forbidden' },
      ...{ target: null, user_id: viewer.identity.userId },
    },
    { ...by, operation: 'changeConversationStatus' },
  ]);
  expect((await verify()).breaks).toEqual([]);
});
