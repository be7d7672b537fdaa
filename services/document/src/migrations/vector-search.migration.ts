import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Vectors of this length are indexed; others, from embedders that cannot give it, are compared one by one. */
const INDEXED_DIMENSIONS = 512;

/**
 * Where pgvector is installed, vectors are of its type and the usual length has an HNSW index; otherwise they are
 * plain numbers that the service compares by itself.
 */
export class VectorSearch1767225600002 implements MigrationInterface {
  readonly name = 'VectorSearch1767225600002';

  async up(runner: QueryRunner): Promise<void> {
    const installed = (await runner.query(`select 1 from pg_extension where extname = 'vector'`)) as unknown[];
    if (installed.length === 0) {
      await runner.query(`alter table chunks add column embedding real[] not null`);
      return;
    }
    await runner.query(`alter table chunks add column embedding vector not null`);
    await runner.query(
      `create index chunks_near on chunks using hnsw ((embedding::vector(${INDEXED_DIMENSIONS})) vector_cosine_ops)
       where vector_dims(embedding) = ${INDEXED_DIMENSIONS}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table chunks drop column embedding`);
  }
}
