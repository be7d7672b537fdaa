import { createHash } from 'node:crypto';
import { adminDatabaseUrl, eventually } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { openVectorStorage, type VectorStorage } from '../src/search/vector.store.ts';
import { createDocumentClient, type DocumentClient } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let stack: DocumentStack;
let db: DataSource;
let storage: VectorStorage;
let [anna, bruno]: DocumentClient[] = [];
const EMBEDDER = 'test:512';
let versionIds: string[] = [];

/** A vector of length 1 that is the same for the same word, and far from that of any other. */
const vectorOf = (word: string, dimensions = 512): Float32Array => {
  const seed = createHash('sha256').update(word).digest();
  const values = Float32Array.from({ length: dimensions }, (_, at) => (((seed[at % 32] ?? 0) * (at + 7)) % 251) - 125);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};

beforeAll(async () => {
  stack = await startDocumentStack();
  db = await new DataSource({
    type: 'postgres',
    url: stack.database.urlOf('document'),
    extra: { max: 2, options: '-c search_path=document,public' },
  }).initialize();
  storage = await openVectorStorage(db);
  [anna, bruno] = [createDocumentClient(stack), createDocumentClient(stack)];
  for (const [client, words] of [
    [anna, ['maçã', 'pera']],
    [bruno, ['maçã']],
  ] as const) {
    for (const word of words) {
      const { id, version } = await client.settled((await client.upload(`${word}.txt`, `A ${word}.`)).id);
      versionIds = [...versionIds, version.id];
      await stack.database.query(
        `update document.chunks set embedder = $2, embedding = $3::text::${storage.column} where document_id = $1`,
        [id, EMBEDDER, storage.encode(vectorOf(word))],
      );
    }
  }
});
afterAll(async () => {
  await db.destroy();
  await stack.close();
});

const nearest = (
  client: DocumentClient | undefined,
  word: string,
  more: { embedder?: string; atLeast?: number; documentId?: string; dimensions?: number } = {},
): Promise<string[]> =>
  db.transaction(async (manager) => {
    const { workspaceId } = client?.identity ?? { workspaceId: '' };
    await manager.query(`select set_config('app.workspace_id', $1, true)`, [workspaceId]);
    const { embedder = EMBEDDER, atLeast = 0.9, documentId, dimensions } = more;
    const vector = vectorOf(word, dimensions);
    const ids = await storage
      .index(manager, { workspaceId })
      .nearest({ vector, embedder, atLeast, take: 5, documentId });
    const rows: { text: string }[] = await manager.query(
      `select text from chunks where id = any($1::uuid[]) order by array_position($1::uuid[], id)`,
      [ids],
    );
    return rows.map(({ text }) => text);
  });

/** Asked of the server before the tests are listed: without pgvector, what only it does is shown as skipped. */
const askServer = async (): Promise<boolean> => {
  const server = await new DataSource({ type: 'postgres', url: adminDatabaseUrl(), extra: { max: 1 } }).initialize();
  const rows: unknown[] = await server.query(`select 1 from pg_available_extensions where name = 'vector'`);
  await server.destroy();
  return rows.length > 0;
};
const pgvector = await askServer();

describe('the vectors of an installation', () => {
  it('are kept by pgvector where the server has it, and compared here where it does not', async () => {
    expect(storage.kind).toBe(pgvector ? 'pgvector' : 'exact');
  });

  it('are found by nearness, those too far left out', async () => {
    expect(await nearest(anna, 'maçã')).toEqual(['A maçã.']);
    expect(await nearest(anna, 'pera', { atLeast: -1 })).toEqual(['A pera.', 'A maçã.']);
    expect(await nearest(anna, 'uva')).toEqual([]);
  });

  it('are those of the own workspace only', async () => {
    expect(await nearest(bruno, 'pera', { atLeast: -1 })).toEqual(['A maçã.']);
    expect(await nearest(createDocumentClient(stack), 'pera', { atLeast: -1 })).toEqual([]);
  });

  it('are only compared with those of the same embedder', async () => {
    expect(await nearest(anna, 'maçã', { embedder: 'other:512', atLeast: -1 })).toEqual([]);
    expect(await nearest(anna, 'maçã', { embedder: 'other:8', atLeast: -1, dimensions: 8 })).toEqual([]);
  });

  it('keep to one document when asked', async () => {
    const [pear] = (await anna?.search('pera')) ?? [];
    expect(await nearest(anna, 'maçã', { atLeast: -1, documentId: pear?.documentId ?? '' })).toEqual(['A pera.']);
  });

  it('of a deleted document are not found, though they were compared before', async () => {
    const [pear] = (await anna?.search('pera')) ?? [];
    await anna?.send('DELETE', `/documents/${pear?.documentId ?? ''}`);
    await eventually(async () => (await nearest(anna, 'pera', { atLeast: -1 })).join() === 'A maçã.');
    expect(versionIds).toHaveLength(3);
  });
});

(pgvector ? describe : describe.skip)('pgvector (skipped where the server does not have it)', () => {
  it('has an HNSW index that the search can use', async () => {
    const [index] = await stack.database.query<{ definition: string }>(
      `select indexdef as definition from pg_indexes where schemaname = 'document' and indexname = 'chunks_near'`,
    );
    expect(index?.definition).toMatch(/using hnsw .*vector_cosine_ops/i);
  });

  it('keeps vectors of another length beside the indexed ones', async () => {
    const [apple] = (await anna?.search('maçã')) ?? [];
    await stack.database.query(
      `update document.chunks set embedder = 'test:8', embedding = $2::text::vector where version_id = $1`,
      [apple?.versionId, storage.encode(vectorOf('maçã', 8))],
    );
    expect(await nearest(anna, 'maçã', { embedder: 'test:8', dimensions: 8 })).toEqual(['A maçã.']);
  });
});
