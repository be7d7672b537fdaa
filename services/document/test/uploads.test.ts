import { request } from 'node:http';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eventually, makeZip } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDocumentClient, type DocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

const MAX = 1_000_000;
let stack: DocumentStack;
let client: DocumentClient;
beforeAll(async () => {
  stack = await startDocumentStack({ MAX_UPLOAD_BYTES: String(MAX) });
  client = createDocumentClient(stack);
});
afterAll(() => stack.close());

const ownFiles = async () => (await stack.files()).filter((file) => file.includes(client.identity.workspaceId));
const documents = async () => (await client.send('GET', '/documents')).json['data'] as unknown[];

const BOUNDARY = 'a-boundary-of-the-test';
const HEAD = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n`;
/** Opens an upload that is written by hand. */
const openUpload = (headers: Record<string, string> = {}) => {
  const sent = request(`${stack.url}/api/v1/documents`, {
    method: 'POST',
    headers: { ...client.headers(), 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
  });
  const answered = new Promise<number>((resolve, reject) => {
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
  });
  answered.catch(() => undefined);
  return { sent, answered };
};

describe('a form that is not right', () => {
  const fileTwice = () => {
    const form = client.form('a.txt', 'Texto.');
    form.append('file', new Blob(['Outro.']), 'b.txt');
    return form;
  };
  const without = (name: string, value: string | Blob) => {
    const form = new FormData();
    if (typeof value === 'string') form.set(name, value);
    else form.set(name, value, 'a.txt');
    return form;
  };
  it.each([
    ['no file', 'body.file', () => without('title', 'Ata')],
    ['the file in another field', 'body.document', () => without('document', new Blob(['Texto.']))],
    ['text in the place of the file', 'body.file', () => without('file', 'Texto.')],
    ['two files', 'body.file', fileTwice],
    ['an unknown field', 'body.workspaceId', () => client.form('a.txt', 'Texto.', { workspaceId: '1' })],
    ['an empty title', 'body.title', () => client.form('a.txt', 'Texto.', { title: ' ' })],
    ['a title that is too long', 'body.title', () => client.form('a.txt', 'Texto.', { title: 'a'.repeat(201) })],
  ])('%s', async (_, path, make) => {
    const answer = await client.send('POST', '/documents', make());
    expect(answer).toMatchObject({ status: 422, json: { code: 'request.invalid', errors: [{ path }] } });
  });

  it('a title that cannot be stored, and the bytes go again', async () => {
    const answer = await client.send('POST', '/documents', client.form('a.txt', 'Texto.', { title: 'a\u0000b' }));
    expect(answer).toMatchObject({ status: 422, json: { code: 'request.invalid_text' } });
  });

  it.each([
    ['JSON', 415, { 'content-type': 'application/json' }, '{}'],
    ['no boundary', 415, { 'content-type': 'multipart/form-data' }, 'x'],
    ['a form cut short', 400, {}, `${HEAD}Texto.`],
    ['no form at all', 400, {}, 'nothing of a form'],
  ])('%s', async (_, status, headers, body) => {
    const { sent, answered } = openUpload(headers);
    sent.end(body);
    expect(await answered).toBe(status);
  });

  afterAll(async () => {
    expect(await documents()).toEqual([]);
    expect(await ownFiles()).toEqual([]);
  });
});

describe('a file that is refused', () => {
  it.each([
    ['a picture', 415, 'document.unsupported_type', 'picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['a web page', 415, 'document.unsupported_type', 'PDF', Buffer.from('<!doctype html><p>x</p>')],
    [
      'an archive called a PDF',
      415,
      'document.unsupported_type',
      'archive',
      makeZip([{ name: 'a.txt', content: Buffer.from('x') }]),
    ],
    ['an empty file', 422, 'document.empty', 'empty', Buffer.alloc(0)],
    ['a file that is too large', 413, 'document.too_large', 'Split', Buffer.alloc(MAX + 1, 'texto ')],
    ['one far too large', 413, 'document.too_large', 'Split', Buffer.alloc(MAX * 3, 'texto ')],
  ])('%s', async (_, status, code, reason, bytes) => {
    const answer = await client.send('POST', '/documents', client.form('a.pdf', bytes));
    expect(answer).toMatchObject({ status, json: { code, detail: expect.stringContaining(reason) } });
    expect(await ownFiles()).toEqual([]);
  });

  it('also when it does not say how large it is', async () => {
    const { sent, answered } = openUpload();
    const endless = Readable.from(
      (function* () {
        yield HEAD;
        for (;;) yield 'texto '.repeat(10_000);
      })(),
    );
    pipeline(endless, sent).catch(() => undefined);
    expect(await answered).toBe(413);
    endless.destroy();
    await eventually(async () => (await ownFiles()).length === 0);
  });

  it('of exactly the limit is not', async () => {
    const own = createDocumentClient(stack);
    expect((await own.upload('a.txt', Buffer.alloc(MAX, 'texto '))).version.size).toBe(MAX);
  });
});

describe('an upload that is broken off', () => {
  it('leaves nothing', async () => {
    const { sent } = openUpload();
    sent.write(HEAD + 'texto '.repeat(50_000));
    await eventually(async () => (await stack.files()).some((file) => file.startsWith('.incoming/')));
    sent.destroy();
    await eventually(async () => !(await stack.files()).some((file) => file.startsWith('.incoming/')));
    expect(await ownFiles()).toEqual([]);
    expect(await documents()).toEqual([]);
  });
});

describe('the cleanup', () => {
  it('removes old bytes without a version, and nothing else', async () => {
    const own = createDocumentClient(stack);
    const kept = await own.upload('a.txt', 'Texto.');
    await own.settled(kept.id);
    const workspace = own.identity.workspaceId;
    // The first bits of these ids say when they were made: long ago, and in the far future.
    const [old, young] = ['01800000-0000-7000-8000-000000000001', '0f000000-0000-7000-8000-000000000001'];
    await mkdir(join(stack.folder, workspace, old), { recursive: true });
    for (const name of [old, young, `${old}.text`]) await writeFile(join(stack.folder, workspace, old, name), 'x');
    const [stale, going] = [join(stack.folder, '.incoming', 'stale'), join(stack.folder, '.incoming', 'going')];
    await writeFile(stale, 'x');
    await writeFile(going, 'x');
    await utimes(stale, new Date(0), new Date(0));
    await stack.startAgain();
    const left = await eventually(async () => {
      const files = await stack.files();
      return (
        !files.includes(`${workspace}/${old}/${old}`) && !files.includes(`${workspace}/${old}/${old}.text`) && files
      );
    });
    expect(left).toEqual(
      expect.arrayContaining([
        '.incoming/going',
        `${workspace}/${old}/${young}`,
        `${workspace}/${kept.id}/${kept.version.id}`,
      ]),
    );
    expect(left).not.toContain('.incoming/stale');
  });
});
