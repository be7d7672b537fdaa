import { roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom usage belongs to, and usage of things that are not runs. */
export class UsageTags1776200000002 implements MigrationInterface {
  readonly name = 'UsageTags1776200000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table holds
        add column agent_id uuid,
        add column user_id uuid,
        add column api_key_id uuid,
        add column tags jsonb not null default '{}'`);
    await runner.query(`
      alter table usage_records
        alter column run_id drop not null,
        alter column conversation_id drop not null,
        alter column agent_id drop not null,
        add column reference text,
        add column document_id uuid,
        add column user_id uuid,
        add column api_key_id uuid,
        add column tags jsonb not null default '{}',
        add column unit text not null default 'tokens'
          check (unit in ('tokens', 'embedding', 'pages', 'audio_second', 'storage_byte_day')),
        add column quantity bigint not null default 0 check (quantity >= 0),
        add column unit_price bigint not null default 0,
        add constraint usage_records_of_one check ((run_id is null) <> (reference is null))`);
    await runner.query(
      `create unique index usage_records_reference on usage_records (workspace_id, reference, ordinal) where reference is not null`,
    );
    // Whoever leaves is no longer named; everything else of a record stays as it was written.
    await runner.query(`grant update (user_id, tags) on usage_records to ${roleOf('billing')}`);
    await runner.query(`create index usage_records_by_time on usage_records (workspace_id, created_at)`);
    await runner.query(`create index holds_open on holds (workspace_id, created_at) where status = 'open'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index holds_open, usage_records_by_time, usage_records_reference');
    await runner.query('alter table usage_records drop constraint usage_records_of_one');
    await runner.query(`
      alter table usage_records drop column reference, drop column document_id, drop column user_id,
        drop column api_key_id, drop column tags, drop column unit, drop column quantity, drop column unit_price`);
    await runner.query(
      `alter table holds drop column agent_id, drop column user_id, drop column api_key_id, drop column tags`,
    );
  }
}
