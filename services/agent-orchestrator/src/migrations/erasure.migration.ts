import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who began a conversation may have been erased while others go on in it. */
export class Erasure1775000000001 implements MigrationInterface {
  readonly name = 'Erasure1775000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table conversations alter column created_by drop not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table conversations alter column created_by set not null');
  }
}
