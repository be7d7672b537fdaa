import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { createDocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

const everything = { models: ['*'], concurrentRuns: null, maxUploadBytes: null, members: null, documents: null };
let plan: Partial<Record<keyof typeof everything, number>> = {};
let billing: Server;
let stack: DocumentStack;
beforeAll(async () => {
  billing = createServer((_request, response) => {
    const plans = [{ id: 'large', name: 'Large', entitlements: everything }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ plan: 'small', entitlements: { ...everything, ...plan }, plans }));
  });
  await new Promise<void>((resolve) => billing.listen(0, '127.0.0.1', resolve));
  stack = await startDocumentStack({
    BILLING_URL: `http://127.0.0.1:${(billing.address() as AddressInfo).port}`,
    MAX_UPLOAD_BYTES: '1000000',
  });
});
afterAll(async () => {
  await stack.close();
  await new Promise((resolve) => billing.close(resolve));
});

describe('a plan', () => {
  it('keeps back files that are larger than it allows, and leaves no bytes', async () => {
    plan = { maxUploadBytes: 2_000 };
    const client = createDocumentClient(stack);
    const send = (bytes: number) => client.send('POST', '/documents', client.form('a.txt', 'x'.repeat(bytes)));
    const { status, json } = await send(20_000);
    expect({ status, json }).toMatchObject({
      status: 403,
      json: { code: 'entitlement.exceeded', entitlement: 'maxUploadBytes', plan: 'small', allowedBy: 'large' },
    });
    // Short enough for the form to pass, and still too long a file.
    expect((await send(3_000)).json['code']).toBe('entitlement.exceeded');
    expect((await stack.files()).filter((file) => file.includes(client.identity.workspaceId))).toEqual([]);
    expect((await send(2_000)).status).toBe(202);
  });

  it('does not make larger what the house allows', async () => {
    plan = { maxUploadBytes: 5_000_000 };
    const client = createDocumentClient(stack);
    const { status, json } = await client.send('POST', '/documents', client.form('a.txt', 'x'.repeat(1_100_000)));
    expect({ status, code: json['code'] }).toEqual({ status: 413, code: 'document.too_large' });
  });

  it('lets no more documents be there than it allows, also when they come at once', async () => {
    plan = { documents: 2 };
    const client = createDocumentClient(stack);
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_one, at) =>
        client.send('POST', '/documents', client.form(`${at}.txt`, `Text number ${at}.`)),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 403, 403, 403]);
  });
});

describe('what documents consume', () => {
  const told = async (workspaceId: string) =>
    (
      await stack.database.query<{ data: Record<string, unknown> }>(
        `select envelope->'data' as data from document.outbox
         where type = 'document.usage.measured.v1' and workspace_id = $1 order by envelope->'data'->>'reference'`,
        [workspaceId],
      )
    ).map(({ data }) => data);

  it('is told to billing when a version is ready, and for each day that it is stored', async () => {
    plan = {};
    const client = createDocumentClient(stack);
    const { workspaceId, userId } = client.identity;
    const { id, version } = await client.upload('a.txt', 'The soup of the day changes every Tuesday.');
    await client.settled(id);
    expect(await told(workspaceId)).toEqual([
      {
        reference: `version:${version.id}`,
        documentId: id,
        userId,
        items: [
          { unit: 'pages', provider: 'atrium', model: 'extraction', quantity: 1 },
          { unit: 'embedding', provider: 'builtin', model: 'builtin-lexical-v1', quantity: expect.any(Number) },
        ],
      },
    ]);
    const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    await stack.database.query(
      `update document.jobs set run_at = now(), payload = $2 where kind = 'storage.measure' and workspace_id = $1`,
      [workspaceId, JSON.stringify({ day: day(2) })],
    );
    await eventually(async () => (await told(workspaceId)).length === 3);
    const stored = (await told(workspaceId)).filter(({ documentId }) => documentId === null);
    expect(stored.map(({ reference }) => reference)).toEqual([`storage:${day(2)}`, `storage:${day(1)}`]);
    expect(stored[0]?.['items']).toEqual([
      { unit: 'storage_byte_day', provider: 'atrium', model: 'storage', quantity: version.size },
    ]);
  });
});
