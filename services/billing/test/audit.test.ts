import { verifyAudit } from '@atrium/service-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as billing } from '../src/service.ts';

let service: ServiceUnderTest;
beforeAll(async () => {
  service = await startServiceUnderTest(billing);
});
afterAll(() => service.close());

const logOf = (workspaceId: string) =>
  service.database.query(
    `select operation, outcome, code, target, user_id from billing.audit_log where workspace_id = $1 order by sequence`,
    [workspaceId],
  );
const verify = () => verifyAudit({ adminUrl: service.database.adminUrl, schemas: ['billing'] });

it('records what was tried and who was refused; once each, in a chain that holds', async () => {
  const owner = makeIdentity({ role: 'owner' });
  const viewer = makeIdentity({ workspaceId: owner.workspaceId, role: 'viewer' });
  const replay = (identity: typeof owner) =>
    fetch(`${service.url}/api/v1/ops/billing/dead-letters/${owner.userId}/billing/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.issuer.token(identity)}` },
    });
  expect((await replay(viewer)).status).toBe(403);
  expect((await replay(owner)).status).toBe(404);
  const operation = 'replayBillingDeadLetter';
  expect(await logOf(owner.workspaceId)).toMatchObject([
    { operation, outcome: 'denied', code: 'access.forbidden', user_id: viewer.userId },
    { operation, outcome: 'failed', user_id: owner.userId },
  ]);
  expect((await verify()).breaks).toEqual([]);
});
