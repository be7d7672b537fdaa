import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { eventually, makePdf, redisUrl, startFakeOpenAi, type FakeOpenAi } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

jest.setTimeout(90_000);

let stack: DocumentStack;
let openAi: FakeOpenAi;
/** Stands before the embeddings and lets them wait while it is closed. */
let door: Server;
let closed = true;
const waiting: (() => void)[] = [];
const openDoor = () => {
  closed = false;
  for (const go of waiting.splice(0)) go();
};
const children: ChildProcess[] = [];

beforeAll(async () => {
  openAi = await startFakeOpenAi();
  door = createServer((asked, answer) => {
    const go = () => {
      const { method = 'POST', headers } = asked;
      const passed = request(`${openAi.url}${asked.url}`, { method, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 500, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    };
    if (closed) waiting.push(go);
    else go();
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  stack = await startDocumentStack();
  // Only the programs that a test starts itself work on its jobs.
  await stack.running.close();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  door.closeAllConnections();
  door.close();
  await openAi.close();
  await stack.close();
});

/** Starts the service as a program of its own, as a container would. */
const startProgram = async (env: NodeJS.ProcessEnv = {}) => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PORT: '0',
      LOG_LEVEL: 'info',
      DATABASE_URL: stack.database.urlOf('document'),
      DATABASE_POOL: '5',
      REDIS_URL: redisUrl(),
      QUEUE_PREFIX: stack.prefix,
      AUTH_URL: stack.issuer.url,
      SERVICE_SECRET: 'only-in-tests-only-in-tests',
      BLOB_DIR: stack.folder,
      ...env,
    },
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port !== undefined) {
      child.stdout.resume();
      return { child, url: `http://127.0.0.1:${port}`, issuer: stack.issuer };
    }
  }
  throw new Error('the program ended before it was ready');
};

const semantic = () => ({
  OPENAI_BASE_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}/v1`,
  EMBEDDING_MODEL: 'text-embedding-3-small',
});

describe('a program that is killed while it embeds', () => {
  it('leaves nothing half done, and another one goes on from what was read', async () => {
    const first = await startProgram(semantic());
    const client = createDocumentClient(first);
    const pages = Array.from({ length: 3 }, (_, at) => ({ paragraphs: [`A página ${at + 1} fala do contrato.`] }));
    const { id, version } = await client.upload('a.pdf', await makePdf(pages));
    await eventually(async () => waiting.length > 0);
    expect(await client.read(id)).toMatchObject({ status: 'embedding', reason: null });
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    waiting.splice(0);
    expect(await stack.database.query(`select 1 from document.chunks where document_id = $1`, [id])).toHaveLength(0);
    // Were the file read again, this would be found out: it can no longer be read.
    await stack.database.query(`update document.versions set media_type = 'application/unknown' where id = $1`, [
      version.id,
    ]);

    openDoor();
    const second = await startProgram(semantic());
    const again = createDocumentClient(second, client.identity);
    expect(await again.settled(id, 40_000)).toMatchObject({ status: 'ready', progress: 100, version: { pages: 3 } });
    const jobs = await stack.database.query(
      `select state, attempts from document.jobs where payload->>'versionId' = $1`,
      [version.id],
    );
    expect(jobs).toEqual([{ state: 'succeeded', attempts: 2 }]);
    const chunks = await stack.database.query<{ ordinal: number; embedder: string }>(
      `select ordinal, embedder from document.chunks where document_id = $1 order by ordinal`,
      [id],
    );
    expect(chunks).toEqual([0, 1, 2].map((ordinal) => ({ ordinal, embedder: 'openai:text-embedding-3-small:512' })));
    // The text of a passage is nearest to itself, and its vector was made by the model.
    expect((await again.search('A página 2 fala do contrato.'))[0]).toMatchObject({ page: 2 });

    // A model that does not answer costs the likeness, not the search.
    closed = true;
    expect((await again.search('página contrato')).length).toBeGreaterThan(0);
    second.child.kill('SIGTERM');
    await once(second.child, 'close');
  });
});

describe('a large upload', () => {
  const MB = 2 ** 20;
  const rssOf = async (pid: number): Promise<number> => {
    const ps = spawn('ps', ['-o', 'rss=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    for await (const part of ps.stdout) text += String(part);
    return Number(text) * 1024;
  };

  it('of 150 MB goes through without being held in memory', async () => {
    const program = await startProgram();
    const pid = program.child.pid ?? 0;
    const client = createDocumentClient(program);
    // A small one first, so that what is loaded once is not counted.
    await client.settled((await client.upload('small.txt', 'Um texto pequeno.')).id);
    const line = 'Uma linha de um texto muito longo que ninguém vai ler até o fim.\n';
    const block = Buffer.from(line.repeat(1_000));
    const blocks = Math.ceil((150 * MB) / block.length);
    const boundary = 'a-boundary-of-the-test';
    const body = function* () {
      yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="longo.txt"\r\n\r\n`);
      for (let at = 0; at < blocks; at += 1) yield block;
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    };
    const sent = request(`${program.url}/api/v1/documents`, {
      method: 'POST',
      headers: { ...client.headers(), 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
    const answered = once(sent, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>;
    const before = await rssOf(pid);
    let highest = before;
    const watch = setInterval(() => void rssOf(pid).then((now) => (highest = Math.max(highest, now))), 100);
    await pipeline(Readable.from(body()), sent);
    const [answer] = await answered;
    clearInterval(watch);
    let text = '';
    for await (const part of answer) text += String(part);
    expect(answer.statusCode).toBe(202);
    const { id, version } = JSON.parse(text) as { id: string; version: { size: number } };
    expect(version.size).toBe(block.length * blocks);
    expect(highest - before).toBeLessThan(80 * MB);
    // So much text is more than may be in one document; it ends with a reason, not with a program out of memory.
    expect(await client.settled(id, 60_000)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('Split it into smaller files'),
    });
    program.child.kill('SIGTERM');
    await once(program.child, 'close');
  });
});

describe('a program whose blob store cannot be used', () => {
  it('does not start, and says what to do', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const start = async (env: NodeJS.ProcessEnv) => {
      const child = spawn(process.execPath, ['--no-warnings', main], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PORT: '0',
          LOG_LEVEL: 'silent',
          DATABASE_URL: stack.database.urlOf('document'),
          REDIS_URL: redisUrl(),
          ...env,
        },
      });
      children.push(child);
      let text = '';
      child.stderr.on('data', (part) => (text += String(part)));
      const [code] = (await once(child, 'close')) as [number];
      return { code, text };
    };
    expect(await start({})).toEqual({ code: 1, text: expect.stringContaining('Set BLOB_DIR') });
    expect(await start({ BLOB_DIR: '/dev/null/files' })).toEqual({
      code: 1,
      text: expect.stringMatching(/cannot be stored in \/dev\/null\/files .* set BLOB_DIR to another folder/),
    });
    expect(await start({ S3_ENDPOINT: 'http://127.0.0.1:1', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' })).toEqual({
      code: 1,
      text: expect.stringContaining('bucket atrium-documents at http://127.0.0.1:1 cannot be used'),
    });
  });
});
