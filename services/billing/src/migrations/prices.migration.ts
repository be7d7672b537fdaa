import { roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Provider, model, and US dollars for a million tokens of input, cached input and output. */
const FIRST_LIST: readonly [string, string, number, number, number][] = [
  // The built-in provider costs nothing to run; its small price lets the books move without any key.
  ['builtin', 'builtin', 0.01, 0.01, 0.04],
  ['openai', 'gpt-5.4', 2.5, 0.25, 15],
  ['openai', 'gpt-5', 1.25, 0.125, 10],
  ['openai', 'gpt-5-mini', 0.25, 0.025, 2],
  ['openai', 'gpt-4.1', 2, 0.5, 8],
  ['openai', 'gpt-4.1-mini', 0.4, 0.1, 1.6],
  ['openai', 'gpt-4o', 2.5, 1.25, 10],
  ['openai', 'gpt-4o-mini', 0.15, 0.075, 0.6],
  ['anthropic', 'claude-opus-4-5', 5, 0.5, 25],
  ['anthropic', 'claude-sonnet-4-5', 3, 0.3, 15],
  ['anthropic', 'claude-haiku-4-5', 1, 0.1, 5],
  // Whatever is not listed: as dear as the dearest of the list, so that nothing runs for less than it costs.
  ['*', '*', 5, 5, 25],
];

/** The price book; the same for every workspace. New prices are new rows of a later migration. */
export class Prices1760000000002 implements MigrationInterface {
  readonly name = 'Prices1760000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table prices (
        provider text not null,
        model text not null,
        unit text not null check (unit in ('input', 'cached_input', 'output')),
        per_million bigint not null check (per_million >= 0),
        valid_from timestamptz not null,
        primary key (provider, model, unit, valid_from)
      )`);
    for (const [provider, model, ...dollars] of FIRST_LIST)
      await runner.query(
        `insert into prices (provider, model, unit, per_million, valid_from)
         select $1, $2, unit, per_million, '2000-01-01T00:00:00Z'
         from unnest(array['input', 'cached_input', 'output'], $3::bigint[]) as listed (unit, per_million)`,
        [provider, model, dollars.map((amount) => Math.round(amount * 1_000_000))],
      );
    await runner.query(`revoke insert, update, delete on prices from ${roleOf('billing')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table prices');
  }
}
