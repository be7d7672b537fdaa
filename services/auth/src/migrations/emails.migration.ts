import { roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether an address is known to be its user's, and the links that were mailed to show it. */
export class Emails1770000001000 implements MigrationInterface {
  readonly name = 'Emails1770000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table users add column email_verified_at timestamptz');
    await runner.query(`
      create table email_tokens (
        hash bytea primary key check (length(hash) = 32),
        user_id uuid not null references users (id) on delete cascade,
        purpose text not null check (purpose in ('verify_email', 'reset_password')),
        email text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    await runner.query('create index email_tokens_of_user on email_tokens (user_id, purpose)');
    await runner.query(`revoke update on email_tokens from ${roleOf('auth')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table email_tokens');
    await runner.query('alter table users drop column email_verified_at');
  }
}
