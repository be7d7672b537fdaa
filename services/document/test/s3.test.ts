import { eventually, startFakeS3, type FakeS3 } from '@atrium/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let s3: FakeS3;
let stack: DocumentStack;
beforeAll(async () => {
  s3 = await startFakeS3();
  stack = await startDocumentStack({
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY: 'key',
    S3_SECRET_KEY: 'secret',
    S3_BUCKET: 'files',
  });
});
afterAll(async () => {
  await stack.close();
  await s3.close();
});

it('documents live their whole life in a bucket', async () => {
  const client = createDocumentClient(stack);
  const text = 'O balde guarda o texto. '.repeat(2_000);
  const { id, version } = await client.upload('balde.txt', text);
  expect(await client.settled(id)).toMatchObject({ status: 'ready', version: { size: text.length } });
  const key = `files/${client.identity.workspaceId}/${id}/${version.id}`;
  expect([...s3.objects.keys()]).toEqual([key]);
  expect(await stack.files()).toEqual([]);
  const answer = await fetch(`${stack.url}/api/v1/documents/${id}/content`, { headers: client.headers() });
  expect((await answer.text()) === text).toBe(true);
  expect((await client.send('POST', '/documents', client.form('a.html', '<html></html>'))).status).toBe(415);
  await client.send('DELETE', `/documents/${id}`);
  await eventually(async () => s3.objects.size === 0);
  expect(s3.uploads.size).toBe(0);
});
