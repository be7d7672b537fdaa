import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operators list the jobs of their workspace, newest first. */
export class JobList1700000000040 implements MigrationInterface {
  readonly name = 'JobList1700000000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index jobs_listed on jobs (workspace_id, id desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index jobs_listed');
  }
}
