import { roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ASKING_WORKSPACE = `(select nullif(current_setting('app.workspace_id', true), '')::uuid)`;

/** Erasures of people and workspaces, what each service reports of them, and where people have ever been. */
export class Erasure1775000000003 implements MigrationInterface {
  readonly name = 'Erasure1775000000003';

  async up(runner: QueryRunner): Promise<void> {
    const role = roleOf('auth');
    await runner.query(`
      create table erasures (
        id uuid primary key,
        scope text not null check (scope in ('user', 'workspace')),
        subject_hash text not null,
        token_hash bytea not null check (length(token_hash) = 32),
        requested_by uuid,
        sealed_contact bytea,
        requested_at timestamptz not null,
        completed_at timestamptz,
        certificate jsonb,
        sha256 text,
        signature text,
        check ((completed_at is null) = (certificate is null))
      )`);
    await runner.query(`
      create table erasure_reports (
        erasure_id uuid not null references erasures (id),
        service text not null,
        state text not null check (state in ('pending', 'erasing', 'done')),
        percent integer not null default 0 check (percent between 0 and 100),
        report jsonb,
        primary key (erasure_id, service),
        check ((state = 'done') = (report is not null))
      )`);
    await this.remember(runner);
    await this.guard(runner, role);
  }

  /** Somebody who left a workspace may still have something there. */
  private async remember(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table member_history (
        user_id uuid not null references users (id) on delete cascade,
        workspace_id uuid not null references workspaces (id) on delete cascade,
        primary key (user_id, workspace_id)
      )`);
    await runner.query(`create index member_history_of_workspace on member_history (workspace_id)`);
    await runner.query(`
      insert into member_history (user_id, workspace_id)
      select user_id, workspace_id from members union select user_id, workspace_id from sessions`);
    await runner.query(`
      create function remember_member() returns trigger language plpgsql set search_path from current as $$
      begin
        insert into member_history (user_id, workspace_id) values (new.user_id, new.workspace_id)
        on conflict do nothing;
        return null;
      end $$`);
    await runner.query(`
      create trigger members_remembered after insert on members for each row execute function remember_member()`);
  }

  /** Whoever is to be erased is marked first; nobody else can be deleted, whatever the program does. */
  private async guard(runner: QueryRunner, role: string): Promise<void> {
    await runner.query('alter table users add column erasing_at timestamptz');
    await runner.query('alter table workspaces add column erasing_at timestamptz');
    await runner.query(`
      create function refuse_unmarked() returns trigger language plpgsql as $$
      begin
        if old.erasing_at is null then raise exception 'permission denied: % % is not to be erased', tg_table_name, old.id; end if;
        return old;
      end $$`);
    for (const table of ['users', 'workspaces'])
      await runner.query(
        `create trigger ${table}_marked before delete on ${table} for each row execute function refuse_unmarked()`,
      );
    // People see their workspaces everywhere; what they see elsewhere is not deleted from here.
    await runner.query(
      `create policy erasable on workspaces as restrictive for delete using (workspace_id = ${ASKING_WORKSPACE})`,
    );
    // A key and the one that replaced it may go one after the other.
    await runner.query(`
      alter table api_keys drop constraint api_keys_replaced_by_fkey,
        add foreign key (replaced_by) references api_keys (id) on delete set null`);
    await runner.query(`grant delete on users, workspaces, sessions, invitations, api_keys to ${role}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`revoke delete on users, workspaces, sessions, invitations, api_keys from ${roleOf('auth')}`);
    await runner.query('drop policy erasable on workspaces');
    for (const table of ['users', 'workspaces']) await runner.query(`drop trigger ${table}_marked on ${table}`);
    await runner.query('drop trigger members_remembered on members');
    await runner.query('drop function refuse_unmarked, remember_member');
    await runner.query('drop table member_history, erasure_reports, erasures');
    await runner.query('alter table users drop column erasing_at');
    await runner.query('alter table workspaces drop column erasing_at');
  }
}
