import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts elsewhere that sign people in here. */
export class Identities1773000000001 implements MigrationInterface {
  readonly name = 'Identities1773000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table external_identities (
        provider text not null check (provider = 'google'),
        subject text not null,
        user_id uuid not null references users (id) on delete cascade,
        email text not null,
        linked_at timestamptz not null,
        primary key (provider, subject)
      )`);
    await runner.query(`create index external_identities_of_user on external_identities (user_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table external_identities');
  }
}
