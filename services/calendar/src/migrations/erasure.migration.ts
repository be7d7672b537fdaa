import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who entered an event may have been erased while the calendar's owner goes on. */
export class Erasure1775000000002 implements MigrationInterface {
  readonly name = 'Erasure1775000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table events alter column created_by drop not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table events alter column created_by set not null');
  }
}
