import { newId, type Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import type { TextSearchConfig } from '../extraction/language.ts';
import type { VectorStorage } from './vector.store.ts';

/** A passage ready to be searched. */
export interface IndexedChunk {
  ordinal: number;
  page: number | null;
  heading: string | null;
  text: string;
  vector: Float32Array;
}

/** A passage as it is found. */
export interface FoundChunk {
  id: string;
  documentId: string;
  versionId: string;
  title: string;
  page: number | null;
  heading: string | null;
  text: string;
}

const BATCH = 200;

/** The chunks of one workspace. */
export const createChunkStore = (
  manager: EntityManager,
  { workspaceId }: Pick<Tenant, 'workspaceId'>,
  vectors: Pick<VectorStorage, 'column' | 'encode'>,
) => ({
  async removeDocument(documentId: string): Promise<void> {
    await manager.query(`delete from chunks where workspace_id = $1 and document_id = $2`, [workspaceId, documentId]);
  },

  async add(
    version: { documentId: string; versionId: string; language: TextSearchConfig; embedder: string },
    chunks: readonly IndexedChunk[],
  ): Promise<void> {
    for (let from = 0; from < chunks.length; from += BATCH) {
      const batch = chunks.slice(from, from + BATCH);
      await manager.query(
        `insert into chunks
           (id, workspace_id, document_id, version_id, language, embedder, ordinal, page, heading, text, embedding)
         select id, $1, $2, $3, $4, $5, ordinal, page, heading, text, embedding::${vectors.column}
         from unnest($6::uuid[], $7::int[], $8::int[], $9::text[], $10::text[], $11::text[])
           as chunk (id, ordinal, page, heading, text, embedding)`,
        [
          workspaceId,
          version.documentId,
          version.versionId,
          version.language,
          version.embedder,
          batch.map(() => newId()),
          batch.map(({ ordinal }) => ordinal),
          batch.map(({ page }) => page),
          batch.map(({ heading }) => heading),
          batch.map(({ text }) => text),
          batch.map(({ vector }) => vectors.encode(vector)),
        ],
      );
    }
  },

  /** Ids of the chunks that share words with a query, best first; only current versions of documents that are there. */
  async match(query: string, take: number, documentId?: string): Promise<string[]> {
    const rows: { id: string }[] = await manager.query(`select chunk_id as id from match_text($1, $2, $3)`, [
      query,
      documentId ?? null,
      take,
    ]);
    return rows.map(({ id }) => id);
  },

  async read(ids: readonly string[]): Promise<FoundChunk[]> {
    return manager.query(
      `select c.id, c.document_id as "documentId", c.version_id as "versionId", d.title, c.page, c.heading, c.text
       from chunks c join documents d on d.workspace_id = c.workspace_id and d.id = c.document_id
       where c.workspace_id = $1 and c.id = any($2::uuid[])`,
      [workspaceId, ids],
    );
  },
});
export type ChunkStore = ReturnType<typeof createChunkStore>;
