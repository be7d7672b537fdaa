import { createTotals, dropTotals } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that have not ended, over all workspaces, for metrics. */
export class RunTotals1763712000040 implements MigrationInterface {
  readonly name = 'RunTotals1763712000040';

  async up(runner: QueryRunner): Promise<void> {
    await createTotals(runner, {
      schema: 'agent',
      name: 'run_totals',
      tables: ['runs'],
      columns: 'state text, count bigint, oldest timestamptz',
      query: `select state, count(*), min(created_at) from runs where state in ('queued', 'running') group by state`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTotals(runner, { name: 'run_totals', tables: ['runs'] });
  }
}
