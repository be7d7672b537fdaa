import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Money set aside for runs. */
export class Holds1760000000003 implements MigrationInterface {
  readonly name = 'Holds1760000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table holds (
        id uuid primary key,
        workspace_id uuid not null,
        reference text not null,
        provider text not null,
        model text not null,
        max_input_tokens bigint not null,
        max_output_tokens bigint not null,
        amount bigint not null check (amount > 0),
        captured bigint not null default 0 check (captured >= 0),
        currency text not null,
        status text not null check (status in ('open', 'captured', 'released', 'expired')),
        expires_at timestamptz not null,
        created_at timestamptz not null,
        settled_at timestamptz,
        unique (workspace_id, reference),
        check ((status = 'captured') = (captured > 0)),
        check ((status = 'open') = (settled_at is null))
      )`);
    await protectTable(runner, 'holds');
    await runner.query(`revoke delete on holds from ${roleOf('billing')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table holds');
  }
}
