import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Settings of spending, budgets with their counters, and automatic top-ups. */
export class Budgets1776200000003 implements MigrationInterface {
  readonly name = 'Budgets1776200000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table spending_settings (
        workspace_id uuid primary key,
        time_zone text not null default 'UTC',
        low_balance bigint check (low_balance >= 0),
        balance_state text not null default 'fine' check (balance_state in ('fine', 'low', 'exhausted')),
        credited_seq bigint not null default 0,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table budgets (
        id uuid primary key,
        workspace_id uuid not null,
        scope text not null check (scope in ('workspace', 'agent', 'user', 'api_key')),
        subject uuid,
        period text not null check (period in ('daily', 'monthly')),
        amount bigint not null check (amount > 0),
        mode text not null check (mode in ('hard', 'soft')),
        created_at timestamptz not null,
        updated_at timestamptz not null,
        unique (workspace_id, id),
        unique nulls not distinct (workspace_id, scope, subject, period),
        check ((scope = 'workspace') = (subject is null))
      )`);
    await runner.query(`
      create table budget_periods (
        workspace_id uuid not null,
        budget_id uuid not null,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        reserved bigint not null default 0 check (reserved >= 0),
        spent bigint not null default 0 check (spent >= 0),
        told integer not null default 0,
        primary key (workspace_id, budget_id, starts_at),
        foreign key (workspace_id, budget_id) references budgets (workspace_id, id) on delete cascade
      )`);
    await runner.query(`
      create table budget_reservations (
        workspace_id uuid not null,
        hold_id uuid not null references holds (id),
        budget_id uuid not null,
        starts_at timestamptz not null,
        amount bigint not null check (amount > 0),
        primary key (workspace_id, hold_id, budget_id),
        foreign key (workspace_id, budget_id, starts_at)
          references budget_periods (workspace_id, budget_id, starts_at) on delete cascade
      )`);
    await runner.query(`create index budget_reservations_of_budget on budget_reservations (workspace_id, budget_id)`);
    await runner.query(`
      create table top_up_rules (
        workspace_id uuid primary key,
        enabled boolean not null,
        threshold bigint not null check (threshold >= 0),
        amount bigint not null check (amount > 0),
        most_per_day bigint not null check (most_per_day >= amount),
        most_per_month bigint not null check (most_per_month >= amount),
        updated_at timestamptz not null
      )`);
    await runner.query(`
      create table auto_top_ups (
        id uuid primary key,
        workspace_id uuid not null,
        amount bigint not null check (amount > 0),
        status text not null check (status in ('pending', 'succeeded', 'failed')),
        reason text,
        created_at timestamptz not null,
        finished_at timestamptz,
        check ((status = 'pending') = (finished_at is null))
      )`);
    await runner.query(`create unique index auto_top_ups_one on auto_top_ups (workspace_id) where status = 'pending'`);
    await runner.query(`create index auto_top_ups_newest on auto_top_ups (workspace_id, created_at desc)`);
    const tables = ['spending_settings', 'budgets', 'budget_periods', 'budget_reservations', 'top_up_rules'];
    for (const table of [...tables, 'auto_top_ups']) await protectTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table auto_top_ups, top_up_rules, budget_reservations, budget_periods, budgets, spending_settings',
    );
  }
}
