import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents and their versions. */
export class Documents1767225600000 implements MigrationInterface {
  readonly name = 'Documents1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table documents (
        id uuid primary key,
        workspace_id uuid not null,
        title text not null,
        latest_version_id uuid not null,
        current_version_id uuid,
        created_by uuid,
        created_at timestamptz not null,
        deleted_at timestamptz,
        unique (workspace_id, id)
      )`);
    await runner.query(`create index documents_listed on documents (workspace_id, id desc) where deleted_at is null`);
    await protectTable(runner, 'documents');
    await runner.query(`
      create table versions (
        id uuid primary key,
        workspace_id uuid not null,
        document_id uuid not null,
        number integer not null check (number > 0),
        file_name text not null,
        media_type text not null,
        size bigint not null check (size >= 0),
        sha256 text not null,
        blob_key text not null unique,
        status text not null default 'queued'
          check (status in ('queued', 'extracting', 'chunking', 'embedding', 'ready', 'failed', 'cancelled')),
        progress integer not null default 0 check (progress between 0 and 100),
        code text,
        reason text,
        pages integer,
        language text,
        job_id uuid,
        created_at timestamptz not null,
        unique (workspace_id, document_id, number),
        foreign key (workspace_id, document_id) references documents (workspace_id, id)
      )`);
    await protectTable(runner, 'versions');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table versions, documents');
  }
}
