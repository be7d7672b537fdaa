import { verifyAudit } from '@atrium/service-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeIdentity } from '@atrium/testing';
import { createDocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let service: DocumentStack;
beforeAll(async () => {
  service = await startDocumentStack();
});
afterAll(() => service.close());

const logOf = (workspaceId: string) =>
  service.database.query(
    `select operation, outcome, code, target, user_id from document.audit_log where workspace_id = $1 order by sequence`,
    [workspaceId],
  );
const verify = () => verifyAudit({ adminUrl: service.database.adminUrl, schemas: ['document'] });

it('records what was done, to what, and who was refused; once each, in a chain that holds', async () => {
  const anna = makeIdentity();
  const viewer = makeIdentity({ workspaceId: anna.workspaceId, role: 'viewer' });
  const { id } = await createDocumentClient(service, anna).upload('notes.txt', 'Some notes.');
  const as = (identity: typeof anna) => ({
    method: 'DELETE',
    headers: { authorization: `Bearer ${service.issuer.token(identity)}` },
  });
  expect((await fetch(`${service.url}/api/v1/documents/${id}`, as(viewer))).status).toBe(403);
  expect((await fetch(`${service.url}/api/v1/documents/${id}`, as(anna))).ok).toBe(true);
  expect(await logOf(anna.workspaceId)).toEqual([
    { operation: 'uploadDocument', outcome: 'ok', code: null, target: id, user_id: anna.userId },
    { operation: 'deleteDocument', outcome: 'denied', code: 'access.forbidden', target: id, user_id: viewer.userId },
    { operation: 'deleteDocument', outcome: 'ok', code: null, target: id, user_id: anna.userId },
  ]);
  expect((await verify()).breaks).toEqual([]);
});
