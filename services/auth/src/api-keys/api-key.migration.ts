import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys. */
export class ApiKeys1772000000001 implements MigrationInterface {
  readonly name = 'ApiKeys1772000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_keys (
        id uuid primary key,
        workspace_id uuid not null references workspaces (id) on delete cascade,
        user_id uuid not null references users (id) on delete cascade,
        name text not null,
        hash bytea not null unique check (length(hash) = 32),
        prefix text not null,
        last_four text not null,
        scopes text[] not null check (cardinality(scopes) > 0),
        created_at timestamptz not null,
        expires_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        replaced_by uuid references api_keys (id)
      )`);
    await runner.query(`create index api_keys_of_workspace on api_keys (workspace_id, created_at desc, id desc)`);
    await runner.query(`create index api_keys_of_user on api_keys (workspace_id, user_id, created_at desc, id desc)`);
    // Whoever shows a key sees its row before the workspace is known.
    await protectTable(
      runner,
      'api_keys',
      `hash = (select decode(nullif(current_setting('app.api_key_hash', true), ''), 'hex'))`,
    );
    await runner.query(`revoke delete on api_keys from ${roleOf('auth')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_keys');
  }
}
