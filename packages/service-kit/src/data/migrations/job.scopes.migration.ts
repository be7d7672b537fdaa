import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A job that an API key started keeps the key's limits. */
export class JobScopes1700000000001 implements MigrationInterface {
  readonly name = 'JobScopes1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs add column scopes text[]');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs drop column scopes');
  }
}
