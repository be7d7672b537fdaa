import { createTotals, dropTotals } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Versions that are not ready, over all workspaces, for metrics. */
export class VersionTotals1767225600040 implements MigrationInterface {
  readonly name = 'VersionTotals1767225600040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index versions_unready on versions (status) where status <> 'ready'`);
    await createTotals(runner, {
      schema: 'document',
      name: 'version_totals',
      tables: ['versions'],
      columns: 'status text, count bigint',
      query: `select status, count(*) from versions where status <> 'ready' group by status`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTotals(runner, { name: 'version_totals', tables: ['versions'] });
    await runner.query('drop index versions_unready');
  }
}
