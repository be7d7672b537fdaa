import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Provider, model, unit, and micro-units for a million of the unit. */
const MORE: readonly [string, string, string, string][] = [
  ['builtin', '*', 'embedding', '0'],
  ['openai', 'text-embedding-3-small', 'embedding', '20000'],
  ['openai', 'text-embedding-3-large', 'embedding', '130000'],
  ['*', '*', 'embedding', '130000'],
  ['openai', 'whisper-1', 'audio_minute', '6000000000'],
  ['*', '*', 'audio_minute', '6000000000'],
  // What the house does itself costs nothing until somebody gives it a price.
  ['*', '*', 'page', '0'],
  ['*', '*', 'storage_gb_month', '0'],
];

/** Units beyond the tokens of a conversation, and prices of a workspace's own. */
export class PriceBook1776200000001 implements MigrationInterface {
  readonly name = 'PriceBook1776200000001';

  async up(runner: QueryRunner): Promise<void> {
    const units = `unit in ('input', 'cached_input', 'output', 'embedding', 'page', 'audio_minute', 'storage_gb_month')`;
    await runner.query(`alter table prices drop constraint prices_unit_check`);
    await runner.query(`alter table prices add constraint prices_unit_check check (${units})`);
    for (const row of MORE)
      await runner.query(
        `insert into prices (provider, model, unit, per_million, valid_from) values ($1, $2, $3, $4, '2000-01-01T00:00:00Z')`,
        row,
      );
    await runner.query(`
      create table workspace_prices (
        workspace_id uuid not null,
        provider text not null,
        model text not null,
        unit text not null check (${units}),
        per_million bigint not null check (per_million >= 0),
        valid_from timestamptz not null,
        imported_by uuid,
        imported_at timestamptz not null,
        primary key (workspace_id, provider, model, unit, valid_from)
      )`);
    await protectTable(runner, 'workspace_prices');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table workspace_prices');
    await runner.query(`delete from prices where unit not in ('input', 'cached_input', 'output')`);
    await runner.query(`alter table prices drop constraint prices_unit_check`);
    await runner.query(
      `alter table prices add constraint prices_unit_check check (unit in ('input', 'cached_input', 'output'))`,
    );
  }
}
