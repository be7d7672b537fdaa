import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why sessions end, and what of it the other services still have to be told. */
export class Sessions1770000000000 implements MigrationInterface {
  readonly name = 'Sessions1770000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sessions drop constraint sessions_revoked_reason_check');
    await runner.query(`
      alter table sessions add constraint sessions_revoked_reason_check
        check (revoked_reason in ('logout', 'reuse', 'access_lost', 'limit', 'password'))`);
    await runner.query(
      `create index sessions_open_of_user on sessions (user_id, last_seen_at) where revoked_at is null`,
    );
    await runner.query(`
      create table revocations (
        id uuid primary key,
        kind text not null check (kind in ('session', 'user')),
        subject_id uuid not null,
        at timestamptz not null,
        until timestamptz not null,
        announced_at timestamptz
      )`);
    await runner.query(`create index revocations_by_time on revocations (at)`);
    await runner.query(`create index revocations_to_announce on revocations (at) where announced_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table revocations');
    await runner.query('drop index sessions_open_of_user');
  }
}
