import { createTotals, dropTotals } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Open holds over all workspaces, for metrics. */
export class HoldTotals1776100000040 implements MigrationInterface {
  readonly name = 'HoldTotals1776100000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index holds_open on holds (created_at, remaining) where status = 'open'`);
    await createTotals(runner, {
      schema: 'billing',
      name: 'hold_totals',
      tables: ['holds'],
      columns: 'count bigint, amount numeric, oldest timestamptz',
      query: `select count(*), coalesce(sum(remaining), 0), min(created_at) from holds where status = 'open'`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTotals(runner, { name: 'hold_totals', tables: ['holds'] });
    await runner.query('drop index holds_open');
  }
}
