import { createHash } from 'node:crypto';
import { livePattern, type LiveMessage } from '@atrium/service-kit';
import { eventually, makeDocx, makeIdentity, makePdf } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDocumentClient, type DocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let stack: DocumentStack;
let client: DocumentClient;
const events: LiveMessage['envelope'][] = [];
beforeAll(async () => {
  stack = await startDocumentStack();
  client = createDocumentClient(stack);
  const listener = stack.redis.duplicate();
  await listener.psubscribe(livePattern(stack.prefix));
  listener.on('pmessage', (_pattern, _channel, message) => events.push((JSON.parse(message) as LiveMessage).envelope));
  const close = stack.close;
  stack = {
    ...stack,
    close: async () => {
      listener.disconnect();
      await close();
    },
  };
});
afterAll(() => stack.close());

const heard = (documentId: string) =>
  events.filter(({ subject }) => subject === documentId).map(({ type, data }) => ({ type, data }));

describe('an upload', () => {
  it('is answered at once, processed, and told of', async () => {
    const bytes = await makePdf([{ paragraphs: ['Primeira página.'] }, { paragraphs: ['Segunda página do texto.'] }]);
    const answer = await client.send('POST', '/documents', client.form('relatório anual.pdf', bytes));
    expect(answer).toMatchObject({
      status: 202,
      json: {
        title: 'relatório anual.pdf',
        status: 'queued',
        progress: 0,
        reason: null,
        version: {
          number: 1,
          mediaType: 'application/pdf',
          size: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          pages: null,
        },
      },
    });
    const id = String(answer.json['id']);
    const document = await client.settled(id);
    expect(document).toMatchObject({ status: 'ready', progress: 100, reason: null, version: { pages: 2 } });
    const told = await eventually(async () => heard(id).length >= 2 && heard(id));
    const about = { documentId: id, versionId: document.version.id, title: 'relatório anual.pdf' };
    expect(told).toEqual([
      { type: 'document.version.uploaded.v1', data: { ...about, mediaType: 'application/pdf', size: bytes.length } },
      { type: 'document.version.processed.v1', data: { ...about, pages: 2, chunks: 2 } },
    ]);
    // What was read from the file is kept only until it is indexed.
    expect((await stack.files()).filter((file) => file.includes(id))).toEqual([
      `${client.identity.workspaceId}/${id}/${document.version.id}`,
    ]);
  });

  it('takes its title from the form, wherever it is in it', async () => {
    const before = await client.upload('a.txt', 'Um texto.', { title: '  Ata de março ' });
    const after = new FormData();
    after.set('file', new Blob(['Outro texto.']), 'b.txt');
    after.set('title', 'Ata de abril');
    const answer = await client.send('POST', '/documents', after);
    expect([before.title, answer.json['title']]).toEqual(['Ata de março', 'Ata de abril']);
  });

  it('never takes a folder or a control character from a file name', async () => {
    expect((await client.upload('../../etc/pass\u202ewd', 'Texto.')).title).toBe('passwd');
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['document.encrypted', 'password', () => makePdf([{ paragraphs: ['x'] }], { userPassword: 'segredo' })],
    ['document.no_text', 'OCR', () => makePdf([{}, {}], { scan: true })],
    ['document.damaged', 'damaged', async () => (await makePdf([{ paragraphs: ['x'] }])).subarray(0, 900)],
    ['document.empty', 'no text', () => makeDocx([])],
  ])('ends as failed with %s and a reason', async (code, reason, make) => {
    const { id } = await client.upload('file', await make());
    const document = await client.settled(id);
    expect(document).toMatchObject({ status: 'failed', reason: expect.stringContaining(reason) });
    const told = await eventually(async () => heard(id)[1]);
    expect(told).toMatchObject({ type: 'document.version.failed.v1', data: { code, reason: document.reason } });
    expect(await client.search('x', { documentId: id })).toEqual([]);
  });
});

describe('documents', () => {
  it('are listed newest first, page by page', async () => {
    const own = createDocumentClient(stack);
    for (const name of ['1.txt', '2.txt', '3.txt']) await own.upload(name, 'Texto.');
    const first = await own.send('GET', '/documents?limit=2');
    const page = first.json['page'] as { nextCursor: string; hasMore: boolean };
    expect((first.json['data'] as { title: string }[]).map(({ title }) => title)).toEqual(['3.txt', '2.txt']);
    expect(page.hasMore).toBe(true);
    const second = await own.send('GET', `/documents?limit=2&cursor=${page.nextCursor}`);
    expect(second.json).toMatchObject({ data: [{ title: '1.txt' }], page: { nextCursor: null, hasMore: false } });
    expect(await own.send('GET', '/documents?cursor=nonsense')).toMatchObject({
      status: 422,
      json: { code: 'request.invalid_cursor' },
    });
  });

  it('are downloaded as they were, and never run as a page', async () => {
    const text = 'Conteúdo <script>alert(1)</script>';
    const { id } = await client.upload('página "um".txt', text);
    const answer = await fetch(`${stack.url}/api/v1/documents/${id}/content`, { headers: client.headers() });
    expect(await answer.text()).toBe(text);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': String(Buffer.byteLength(text)),
      'content-disposition': expect.stringMatching(/^attachment; .*filename\*=UTF-8''p%C3%A1gina%20%22um%22\.txt$/),
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
  });

  it('say so when their bytes are gone', async () => {
    const { id } = await client.upload('a.txt', 'Texto.');
    await client.settled(id);
    await stack.database.query(`update document.versions set blob_key = blob_key || '.gone' where document_id = $1`, [
      id,
    ]);
    expect(await client.send('GET', `/documents/${id}/content`)).toMatchObject({
      status: 404,
      json: { code: 'document.content_missing' },
    });
  });

  it('are gone at once when deleted, and their bytes and chunks soon after', async () => {
    const { id } = await client.upload('a.txt', 'Um texto que será apagado.');
    await client.settled(id);
    expect((await client.send('DELETE', `/documents/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/content'],
      ['DELETE', ''],
    ] as const)
      expect(await client.send(method, `/documents/${id}${path}`)).toMatchObject({
        status: 404,
        json: { code: 'document.not_found' },
      });
    await eventually(async () => !(await stack.files()).some((file) => file.includes(id)));
    await eventually(
      async () =>
        (await stack.database.query(`select 1 from document.chunks where document_id = $1`, [id])).length === 0,
    );
    expect(heard(id).at(-1)).toEqual({ type: 'document.document.deleted.v1', data: { documentId: id } });
  });

  it('that are deleted before they were processed end quietly', async () => {
    const { id, version } = await client.upload('a.pdf', await makePdf([{ paragraphs: ['Texto.'] }]));
    await client.send('DELETE', `/documents/${id}`);
    await eventually(
      async () =>
        (
          await stack.database.query(
            `select 1 from document.jobs where payload->>'documentId' = $1 and state in ('queued', 'running')`,
            [id],
          )
        ).length === 0,
    );
    expect(heard(id).map(({ type }) => type)).not.toContain('document.version.failed.v1');
    expect(
      await stack.database.query(`select 1 from document.chunks where version_id = $1`, [version.id]),
    ).toHaveLength(0);
  });
});

describe('who may do what', () => {
  it.each([
    ['upload', 'POST', '/documents'],
    ['delete', 'DELETE', '/documents/01900000-0000-7000-8000-000000000001'],
    ['upload a version', 'POST', '/documents/01900000-0000-7000-8000-000000000001/versions'],
  ])('a viewer may not %s', async (_, method, path) => {
    const viewer = createDocumentClient(stack, makeIdentity({ ...client.identity, role: 'viewer' }));
    const body = method === 'POST' ? viewer.form('a.txt', 'Texto.') : undefined;
    expect(await viewer.send(method, path, body)).toMatchObject({ status: 403, json: { code: 'access.forbidden' } });
  });

  it('a viewer may read and search', async () => {
    const viewer = createDocumentClient(stack, makeIdentity({ ...client.identity, role: 'viewer' }));
    expect((await viewer.send('GET', '/documents')).status).toBe(200);
    expect(Array.isArray(await viewer.search('texto'))).toBe(true);
  });

  it('nobody without a token', async () => {
    expect((await fetch(`${stack.url}/api/v1/documents`)).status).toBe(401);
  });
});
