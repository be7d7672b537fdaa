import type { Tenant } from '@atrium/service-kit';
import type { DataSource, EntityManager } from 'typeorm';
import { createExactVectorIndex } from './exact-vector.store.ts';
import { createPgVectorIndex } from './pgvector.store.ts';
import { createVectorCache } from './vector.cache.ts';
import { encodeNumbers, type VectorIndex } from './vector.index.ts';

/** How this installation keeps and compares vectors. */
export interface VectorStorage {
  readonly kind: 'pgvector' | 'exact';
  /** The type of the column. */
  readonly column: 'vector' | 'real[]';
  /** A vector as text that the column's type reads. */
  encode(vector: Float32Array): string;
  index(manager: EntityManager, tenant: Tenant): VectorIndex;
}

const CACHE_BYTES = 128 * 2 ** 20;

/** Asks the catalogue which kind of column the migration could make, and from which pgvector. */
export const openVectorStorage = async (db: Pick<DataSource, 'query'>): Promise<VectorStorage> => {
  const [found]: { type: string; version: string | null }[] = await db.query(
    `select format_type(a.atttypid, null) as type,
       (select extversion from pg_extension where extname = 'vector') as version
     from pg_attribute a where a.attrelid = 'chunks'::regclass and a.attname = 'embedding'`,
  );
  if (found?.type.endsWith('vector')) {
    const [major = 0, minor = 0] = (found.version ?? '').split('.').map(Number);
    const iterative = major > 0 || minor >= 8;
    return {
      kind: 'pgvector',
      column: 'vector',
      encode: (vector) => `[${encodeNumbers(vector)}]`,
      index: (manager, tenant) => createPgVectorIndex(manager, tenant, { iterative }),
    };
  }
  const cache = createVectorCache(CACHE_BYTES);
  return {
    kind: 'exact',
    column: 'real[]',
    encode: (vector) => `{${encodeNumbers(vector)}}`,
    index: (manager, tenant) => createExactVectorIndex(manager, tenant, cache),
  };
};
