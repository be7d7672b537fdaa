import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys that access tokens are signed with. */
export class SigningKeys1772000000002 implements MigrationInterface {
  readonly name = 'SigningKeys1772000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table signing_keys (
        kid text primary key,
        public_key jsonb not null,
        sealed_private_key bytea not null,
        created_at timestamptz not null,
        activates_at timestamptz not null,
        retires_at timestamptz check (retires_at > activates_at)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table signing_keys');
  }
}
