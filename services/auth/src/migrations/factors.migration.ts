import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Second factors, recovery codes, and when the person behind a session last proved who they are. */
export class Factors1773000000000 implements MigrationInterface {
  readonly name = 'Factors1773000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table totp_factors (
        user_id uuid primary key references users (id) on delete cascade,
        sealed_secret bytea not null,
        last_step bigint not null default 0,
        confirmed_at timestamptz,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table recovery_codes (
        user_id uuid not null references users (id) on delete cascade,
        hash bytea not null check (length(hash) = 32),
        used_at timestamptz,
        primary key (user_id, hash)
      )`);
    await runner.query(`
      create table session_proofs (
        session_id uuid primary key references sessions (id) on delete cascade,
        proven_at timestamptz not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table session_proofs, recovery_codes, totp_factors');
  }
}
