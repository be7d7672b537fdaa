import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs consumed, with the price that was applied. */
export class Usage1760000000004 implements MigrationInterface {
  readonly name = 'Usage1760000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table usage_records (
        id uuid primary key,
        workspace_id uuid not null,
        run_id uuid not null,
        ordinal integer not null,
        hold_id uuid references holds (id),
        conversation_id uuid not null,
        agent_id uuid not null,
        provider text not null,
        model text not null,
        input_tokens bigint not null,
        cached_input_tokens bigint not null,
        output_tokens bigint not null,
        estimated boolean not null,
        listed_as text not null,
        input_price bigint not null,
        cached_input_price bigint not null,
        output_price bigint not null,
        cost bigint not null check (cost >= 0),
        charged bigint not null check (charged between 0 and cost),
        currency text not null,
        created_at timestamptz not null,
        unique (workspace_id, run_id, ordinal)
      )`);
    await runner.query(`create index usage_records_newest on usage_records (workspace_id, id desc)`);
    await protectTable(runner, 'usage_records');
    await runner.query(`revoke update, delete on usage_records from ${roleOf('billing')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table usage_records');
  }
}
