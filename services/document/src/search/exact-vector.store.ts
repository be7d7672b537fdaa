import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { compare, type Similar, type VectorCache, type VersionVectors } from './vector.cache.ts';
import type { VectorIndex } from './vector.index.ts';

/** Read at once; parsing them holds everything else up for a moment. */
const ROWS = 500;

/** Nearest chunks by comparing every vector of the workspace in this process: exact, and quick up to some 100 000. */
export const createExactVectorIndex = (
  manager: EntityManager,
  { workspaceId }: Tenant,
  cache: VectorCache,
): VectorIndex => {
  const load = async (versionId: string, embedder: string, dimensions: number): Promise<VersionVectors> => {
    const ids: string[] = [];
    const pieces: Float32Array[] = [];
    for (let after = -1; ;) {
      const rows: { id: string; ordinal: number; embedding: number[] }[] = await manager.query(
        `select id, ordinal, to_json(embedding) as embedding from chunks
         where workspace_id = $1 and version_id = $2 and embedder = $3 and ordinal > $4 order by ordinal limit ${ROWS}`,
        [workspaceId, versionId, embedder, after],
      );
      for (const { id, embedding } of rows) {
        ids.push(id);
        pieces.push(Float32Array.from(embedding));
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS) break;
      after = last.ordinal;
    }
    const values = new Float32Array(ids.length * dimensions);
    for (const [row, piece] of pieces.entries()) values.set(piece.subarray(0, dimensions), row * dimensions);
    return { ids, values };
  };

  return {
    async nearest({ vector, embedder, atLeast, take, documentId }) {
      const current: { versionId: string }[] = await manager.query(
        `select current_version_id as "versionId" from documents
         where workspace_id = $1 and current_version_id is not null and deleted_at is null
           and ($2::uuid is null or id = $2)`,
        [workspaceId, documentId ?? null],
      );
      const found: Similar[] = [];
      for (const { versionId } of current) {
        const key = `${versionId} ${embedder}`;
        let vectors = cache.get(key);
        if (vectors === undefined) {
          vectors = await load(versionId, embedder, vector.length);
          cache.set(key, vectors);
        }
        for (const similar of compare(vectors, vector, atLeast)) found.push(similar);
      }
      return found
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, take)
        .map(({ id }) => id);
    },
  };
};
