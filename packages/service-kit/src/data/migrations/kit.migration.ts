import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protectTable } from '../isolation.ts';

/** The tables that every service has: events out, events in, commands seen, and jobs. */
export class Kit1700000000000 implements MigrationInterface {
  readonly name = 'Kit1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        seq bigint generated always as identity,
        event_id uuid not null,
        subscriber text not null,
        key text not null,
        type text not null,
        workspace_id uuid not null,
        envelope jsonb not null,
        state text not null default 'pending' check (state in ('pending', 'published', 'dead')),
        attempts integer not null default 0,
        next_attempt_at timestamptz not null default now(),
        published_at timestamptz,
        last_error text,
        created_at timestamptz not null default now(),
        primary key (event_id, subscriber)
      )`);
    // The only index that has `seq`, so that the relay never reads what is no longer pending.
    await runner.query(`create index outbox_pending on outbox (subscriber, seq) where state = 'pending'`);
    // The deliveries for which later ones of their key wait: under way, or to be tried again.
    await runner.query(
      `create index outbox_holding on outbox (subscriber, key, seq)
       where state = 'published' or state = 'pending' and attempts > 0`,
    );
    await runner.query(
      `create table inbox (event_id uuid primary key, received_at timestamptz not null default now())`,
    );
    await runner.query(`create index inbox_age on inbox (received_at)`);
    await runner.query(`
      create table idempotency_keys (
        workspace_id uuid not null,
        user_id uuid not null,
        key text not null,
        operation text not null,
        fingerprint text not null,
        status integer,
        body text,
        created_at timestamptz not null default now(),
        primary key (workspace_id, user_id, key)
      )`);
    await runner.query(`create index idempotency_keys_age on idempotency_keys (workspace_id, created_at)`);
    await protectTable(runner, 'idempotency_keys');
    await runner.query(`
      create table jobs (
        id uuid primary key,
        kind text not null,
        workspace_id uuid not null,
        user_id uuid,
        key text,
        payload jsonb not null,
        state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        step text,
        checkpoint jsonb,
        progress integer not null default 0 check (progress between 0 and 100),
        reason text,
        attempts integer not null default 0,
        cancel_requested boolean not null default false,
        run_at timestamptz not null default now(),
        lease_token uuid,
        lease_until timestamptz,
        traceparent text,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        unique (kind, key)
      )`);
    await runner.query(`create index jobs_due on jobs (run_at) where state = 'queued'`);
    await runner.query(`create index jobs_leases on jobs (lease_until) where state = 'running'`);
    await runner.query(`create index jobs_finished on jobs (finished_at) where finished_at is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table jobs, idempotency_keys, inbox, outbox');
  }
}
