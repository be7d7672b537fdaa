import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { encodeNumbers, type VectorIndex } from './vector.index.ts';

/** Vectors of this length are in the HNSW index; the migration says so too. */
const INDEXED_DIMENSIONS = 512;

/**
 * Nearest chunks by pgvector: through the index where the length allows, otherwise by comparing all of the workspace.
 * @param iterative the server's pgvector goes on searching until enough rows passed the filters (0.8 and later)
 */
export const createPgVectorIndex = (
  manager: EntityManager,
  { workspaceId }: Tenant,
  { iterative }: { iterative: boolean },
): VectorIndex => ({
  async nearest({ vector, embedder, atLeast, take, documentId }) {
    // Without it the index stops after its nearest rows of all workspaces, of which few may be this one's.
    if (iterative) await manager.query(`select set_config('hnsw.iterative_scan', 'strict_order', true)`);
    const indexed = vector.length === INDEXED_DIMENSIONS;
    const embedding = indexed ? `c.embedding::vector(${INDEXED_DIMENSIONS})` : 'c.embedding';
    const rows: { id: string; distance: number }[] = await manager.query(
      `select c.id, ${embedding} <=> $1::vector as distance
       from chunks c join documents d on d.workspace_id = c.workspace_id and d.id = c.document_id
       where c.workspace_id = $2 and c.embedder = $3 and vector_dims(c.embedding) = ${vector.length}
         and d.current_version_id = c.version_id and d.deleted_at is null
         and ($4::uuid is null or c.document_id = $4)
       order by ${embedding} <=> $1::vector limit $5`,
      [`[${encodeNumbers(vector)}]`, workspaceId, embedder, documentId ?? null, take],
    );
    return rows.filter(({ distance }) => 1 - distance >= atLeast).map(({ id }) => id);
  },
});
