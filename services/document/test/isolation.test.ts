import { findIsolationGaps } from '@atrium/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { service as definition } from '../src/service.ts';
import { createDocumentClient, type DocumentClient, type ShownDocument } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let stack: DocumentStack;
let asService: DataSource;
let [anna, bruno]: DocumentClient[] = [];
let ofAnna: ShownDocument;
beforeAll(async () => {
  stack = await startDocumentStack();
  asService = await new DataSource({
    type: 'postgres',
    url: stack.database.urlOf('document'),
    extra: { max: 2, options: '-c search_path=document,public' },
  }).initialize();
  [anna, bruno] = [createDocumentClient(stack), createDocumentClient(stack)];
  const { id } = await anna.upload('a.txt', 'O segredo de Ana é a receita do bolo de fubá.');
  ofAnna = await anna.settled(id);
});
afterAll(async () => {
  await asService.destroy();
  await stack.close();
});

const inWorkspace = <Row>(workspaceId: string, sql: string, values: unknown[] = []): Promise<Row[]> =>
  asService.transaction(async (manager) => {
    await manager.query(`select set_config('app.workspace_id', $1, true)`, [workspaceId]);
    return manager.query(sql, values);
  });

describe('another workspace', () => {
  it('finds nothing, not even when it names the document', async () => {
    expect(await anna?.search('receita do bolo')).toHaveLength(1);
    expect(await bruno?.search('receita do bolo')).toEqual([]);
    expect(await bruno?.search('receita do bolo', { documentId: ofAnna.id })).toEqual([]);
  });

  it.each([
    ['GET', ''],
    ['GET', '/content'],
    ['DELETE', ''],
    ['POST', '/versions'],
  ])('%s …%s is answered 404', async (method, path) => {
    const body = method === 'POST' ? bruno?.form('a.txt', 'Texto.') : undefined;
    expect(await bruno?.send(method, `/documents/${ofAnna.id}${path}`, body)).toMatchObject({
      status: 404,
      json: { code: 'document.not_found' },
    });
    expect((await anna?.read(ofAnna.id))?.version.number).toBe(1);
  });

  it('lists nothing', async () => {
    expect((await bruno?.send('GET', '/documents'))?.json['data']).toEqual([]);
  });
});

describe("the service's own role", () => {
  it.each(['documents', 'versions', 'chunks'])('sees no %s without a workspace', async (table) => {
    expect(await stack.database.query(`select 1 from document.${table}`)).not.toHaveLength(0);
    expect(await asService.query(`select * from document.${table}`)).toEqual([]);
  });

  it('matches words of the workspace it entered only, though the function may use the index', async () => {
    const match = `select chunk_id from match_text('receita do bolo', null, 10)`;
    expect(await asService.query(match)).toEqual([]);
    expect(await inWorkspace(bruno?.identity.workspaceId ?? '', match)).toEqual([]);
    expect(await inWorkspace(anna?.identity.workspaceId ?? '', match)).toHaveLength(1);
  });

  it('cannot reach another workspace by writing its mark in a query', async () => {
    const mark = `ws:${anna?.identity.workspaceId ?? ''} in:portuguese bolo`;
    const match = `select chunk_id from match_text($1, null, 10)`;
    expect(await inWorkspace(bruno?.identity.workspaceId ?? '', match, [mark])).toEqual([]);
  });

  it('cannot put a chunk into another workspace', async () => {
    const move = inWorkspace(
      anna?.identity.workspaceId ?? '',
      `update document.chunks set workspace_id = '${bruno?.identity.workspaceId}'`,
    );
    await expect(move).rejects.toThrow(/row-level security|foreign key/);
  });
});

it('every table is protected', async () => {
  expect(await findIsolationGaps(asService, 'document', definition.shared)).toEqual([]);
});
