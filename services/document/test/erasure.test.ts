import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findErasureGaps } from '@atrium/service-kit';
import { erasedPart, makeIdentity, requestErasure } from '@atrium/testing';
import { service as definition } from '../src/service.ts';
import { createDocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let stack: DocumentStack;
beforeAll(async () => {
  stack = await startDocumentStack();
});
afterAll(() => stack.close());

const erase = async (wish: Parameters<typeof requestErasure>[2]) =>
  erasedPart(definition, stack, await requestErasure(definition, stack, wish));

it('names every table', async () => {
  expect(await findErasureGaps(stack.database, 'document', definition.erasure)).toEqual([]);
});

it('erases the documents of a workspace with their files, passages and vectors, and those of no other', async () => {
  const [anna, bruno] = [createDocumentClient(stack), createDocumentClient(stack)];
  for (const client of [anna, bruno]) {
    const { id } = await client.upload('otters.txt', 'Otters hold hands while they sleep.');
    expect((await client.settled(id)).status).toBe('ready');
  }
  const { userId, workspaceId } = anna.identity;
  const before = (await stack.files()).filter((file) => file.startsWith(workspaceId));
  expect(before.length).toBeGreaterThan(0);
  const { erased } = await erase({ userId, workspaces: [workspaceId] });
  expect(erased).toMatchObject({ documents: 1, document_versions: 1, passages_with_vectors: 1, files: before.length });
  expect(await readdir(stack.folder)).not.toContain(workspaceId);
  expect(await readdir(stack.folder)).toContain(bruno.identity.workspaceId);
  for (const table of ['documents', 'versions', 'chunks', 'jobs', 'idempotency_keys'])
    expect(
      await stack.database.query(`select 1 from document.${table} where workspace_id = $1`, [workspaceId]),
    ).toEqual([]);
  expect(await bruno.search('otters')).toHaveLength(1);
});

it('keeps the documents of a workspace that goes on, without saying who brought them', async () => {
  const anna = createDocumentClient(stack);
  const bruno = createDocumentClient(stack, makeIdentity({ workspaceId: anna.identity.workspaceId }));
  const { id } = await anna.upload('badgers.txt', 'Badgers dig setts.');
  await anna.settled(id);
  const { userId, workspaceId } = anna.identity;
  const { erased } = await erase({ userId, shared: [workspaceId] });
  expect(erased).toMatchObject({ documents_released: 1 });
  expect(erased).not.toHaveProperty('documents');
  expect(await bruno.search('badgers')).toHaveLength(1);
  for (const table of ['documents', 'jobs'])
    expect(
      JSON.stringify(await stack.database.query(`select to_jsonb(t) as row from document.${table} t`)),
    ).not.toContain(userId);
});

it('goes on where it was when the blob store was away', async () => {
  const anna = createDocumentClient(stack);
  const { id } = await anna.upload('voles.txt', 'Voles are small.');
  await anna.settled(id);
  const { userId, workspaceId } = anna.identity;
  await stack.database.query(`update document.versions set blob_key = '../' || blob_key where workspace_id = $1`, [
    workspaceId,
  ]);
  const erasureId = await requestErasure(definition, stack, { userId, workspaces: [workspaceId] });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const [job] = await stack.database.query<{ attempts: number }>(`select attempts from document.jobs where key = $1`, [
    erasureId,
  ]);
  expect(job?.attempts).toBeGreaterThan(0);
  await stack.database.query(`update document.versions set blob_key = substr(blob_key, 4) where workspace_id = $1`, [
    workspaceId,
  ]);
  const { erased } = await erasedPart(definition, stack, erasureId, 30_000);
  expect(erased).toMatchObject({ passages_with_vectors: 1, document_versions: 1, documents: 1 });
});
