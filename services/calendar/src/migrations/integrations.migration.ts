import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calendars elsewhere that people connected. */
export class Integrations1773000000000 implements MigrationInterface {
  readonly name = 'Integrations1773000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table integrations (
        id uuid primary key,
        workspace_id uuid not null,
        user_id uuid not null,
        provider text not null check (provider = 'google'),
        subject text not null,
        account text not null,
        scopes text[] not null,
        sealed_token bytea not null,
        connected_at timestamptz not null,
        unique (workspace_id, user_id, provider, subject)
      )`);
    await protectTable(runner, 'integrations');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table integrations');
  }
}
