import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ASKING_USER = `(select nullif(current_setting('app.user_id', true), '')::uuid)`;

/** Users, workspaces, who is a member of which, sessions and their refresh tokens. */
export class Accounts1763700000000 implements MigrationInterface {
  readonly name = 'Accounts1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table users (
        id uuid primary key,
        email text not null unique check (email = lower(email)),
        name text not null,
        password_hash text not null,
        locale text not null check (locale in ('en', 'pt', 'es')),
        time_zone text not null,
        disabled_at timestamptz,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table workspaces (
        id uuid primary key,
        workspace_id uuid not null check (workspace_id = id),
        name text not null,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table members (
        workspace_id uuid not null references workspaces (id) on delete cascade,
        user_id uuid not null references users (id) on delete cascade,
        role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
        created_at timestamptz not null,
        primary key (workspace_id, user_id)
      )`);
    await runner.query(`create index members_of_user on members (user_id, created_at)`);
    await runner.query(`
      create table sessions (
        id uuid primary key,
        user_id uuid not null references users (id) on delete cascade,
        workspace_id uuid not null references workspaces (id) on delete cascade,
        created_at timestamptz not null,
        last_seen_at timestamptz not null,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        revoked_reason text check (revoked_reason in ('logout', 'reuse', 'access_lost')),
        user_agent text,
        ip inet,
        check ((revoked_at is null) = (revoked_reason is null))
      )`);
    await runner.query(`create index sessions_of_user on sessions (user_id, created_at desc)`);
    await runner.query(`
      create table refresh_tokens (
        hash bytea primary key check (length(hash) = 32),
        session_id uuid not null references sessions (id) on delete cascade,
        parent_hash bytea,
        issued_at timestamptz not null,
        expires_at timestamptz not null,
        spent_at timestamptz,
        sealed_successor bytea,
        check (sealed_successor is null or spent_at is not null)
      )`);
    await runner.query(`create index refresh_tokens_of_session on refresh_tokens (session_id, expires_at)`);
    // A token has one successor, whatever the program does.
    await runner.query(`create unique index refresh_tokens_one_successor on refresh_tokens (parent_hash)`);
    await protectTable(runner, 'members', `user_id = ${ASKING_USER}`);
    await protectTable(
      runner,
      'workspaces',
      `exists (select 1 from members m where m.workspace_id = workspaces.workspace_id and m.user_id = ${ASKING_USER})`,
    );
    // A policy's condition also covers deleting, and people see rows of all their workspaces.
    await runner.query(`revoke delete on users, workspaces, members, sessions from ${roleOf('auth')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table refresh_tokens, sessions, members, workspaces, users');
  }
}
