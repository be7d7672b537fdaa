import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agents, conversations, messages, runs and their steps. */
export class Agent1763712000000 implements MigrationInterface {
  readonly name = 'Agent1763712000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table agents (
        id uuid not null,
        workspace_id uuid not null,
        slug text not null,
        name text not null,
        instructions text not null,
        model text not null,
        skills text[] not null,
        version integer not null default 1,
        created_at timestamptz not null,
        deleted_at timestamptz,
        primary key (workspace_id, id)
      )`);
    await runner.query(`create unique index agents_slug on agents (workspace_id, slug) where deleted_at is null`);
    await runner.query(`
      create table conversations (
        id uuid not null,
        workspace_id uuid not null,
        agent_id uuid not null,
        title text not null,
        status text not null check (status in ('open', 'pending', 'resolved', 'archived')),
        assignee uuid,
        created_by uuid not null,
        last_seq integer not null default 0,
        created_at timestamptz not null,
        last_message_at timestamptz not null,
        primary key (workspace_id, id),
        foreign key (workspace_id, agent_id) references agents (workspace_id, id)
      )`);
    await runner.query(
      `create index conversations_recent on conversations (workspace_id, last_message_at desc, id desc)`,
    );
    await runner.query(`
      create table runs (
        id uuid not null,
        workspace_id uuid not null,
        conversation_id uuid not null,
        agent_id uuid not null,
        user_id uuid not null,
        state text not null check (state in ('queued', 'running', 'completed', 'failed', 'cancelled')),
        attempt integer not null default 0,
        code text,
        reason text,
        model text not null,
        provider text not null,
        setup jsonb not null,
        job_id uuid,
        hold_id uuid,
        usage jsonb not null default '[]',
        cost bigint,
        events jsonb not null default '[]',
        created_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        primary key (workspace_id, id),
        foreign key (workspace_id, conversation_id) references conversations (workspace_id, id)
      )`);
    // One answer at a time, whatever the code above believes.
    await runner.query(
      `create unique index runs_active on runs (workspace_id, conversation_id) where state in ('queued', 'running')`,
    );
    await runner.query(`
      create table messages (
        id uuid not null,
        workspace_id uuid not null,
        conversation_id uuid not null,
        seq integer not null,
        role text not null check (role in ('user', 'assistant')),
        text text not null,
        citations jsonb not null default '[]',
        run_id uuid not null,
        created_by uuid,
        created_at timestamptz not null,
        primary key (workspace_id, id),
        unique (workspace_id, conversation_id, seq),
        unique (workspace_id, run_id, role),
        foreign key (workspace_id, conversation_id) references conversations (workspace_id, id)
      )`);
    await runner.query(`
      create table run_steps (
        workspace_id uuid not null,
        run_id uuid not null,
        ordinal integer not null,
        kind text not null check (kind in ('model', 'skill')),
        name text not null,
        arguments jsonb not null,
        result jsonb,
        error jsonb,
        created_at timestamptz not null,
        finished_at timestamptz,
        primary key (workspace_id, run_id, ordinal),
        foreign key (workspace_id, run_id) references runs (workspace_id, id)
      )`);
    for (const table of ['agents', 'conversations', 'runs', 'messages', 'run_steps']) await protectTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table run_steps, messages, runs, conversations, agents');
  }
}
