import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ASKING_USER = `(select nullif(current_setting('app.user_id', true), '')::uuid)`;
const ASKING_WORKSPACE = `(select nullif(current_setting('app.workspace_id', true), '')::uuid)`;

/** Members who are disabled or removed, invitations, and what people say about themselves. */
export class Workspaces1771000000000 implements MigrationInterface {
  readonly name = 'Workspaces1771000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table members add column disabled_at timestamptz`);
    await runner.query(`create index members_by_time on members (workspace_id, created_at, user_id)`);
    // People see their memberships everywhere; what they see elsewhere is not theirs to delete from here.
    await runner.query(
      `create policy removable on members as restrictive for delete using (workspace_id = ${ASKING_WORKSPACE})`,
    );
    await runner.query(`grant delete on members to ${roleOf('auth')}`);
    await runner.query(`
      create table invitations (
        id uuid primary key,
        workspace_id uuid not null references workspaces (id) on delete cascade,
        email text not null check (email = lower(email)),
        role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
        token_hash bytea not null unique check (length(token_hash) = 32),
        mail_token_hash bytea unique check (length(mail_token_hash) = 32),
        invited_by uuid references users (id) on delete set null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        accepted_at timestamptz,
        revoked_at timestamptz,
        check (accepted_at is null or revoked_at is null)
      )`);
    await runner.query(`create index invitations_by_time on invitations (workspace_id, created_at desc, id desc)`);
    // A person has one open invitation, whatever the program does.
    await runner.query(`
      create unique index invitations_one_open on invitations (workspace_id, email)
        where accepted_at is null and revoked_at is null`);
    await protectTable(
      runner,
      'invitations',
      `exists (select 1 from users u where u.id = ${ASKING_USER} and u.email = invitations.email)`,
    );
    await runner.query(`revoke delete on invitations from ${roleOf('auth')}`);
    await runner.query(`
      create table profiles (
        user_id uuid primary key references users (id) on delete cascade,
        job_title text,
        company text,
        about text
      )`);
    await runner.query(`
      create table preferences (
        user_id uuid primary key references users (id) on delete cascade,
        theme text not null check (theme in ('system', 'light', 'dark')),
        notifications jsonb not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table preferences, profiles, invitations');
    await runner.query(`revoke delete on members from ${roleOf('auth')}`);
    await runner.query('drop policy removable on members');
    await runner.query('drop index members_by_time');
    await runner.query('alter table members drop column disabled_at');
  }
}
