import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Credits with priority and expiry, and what plan a workspace is on. */
export class Plans1776200000004 implements MigrationInterface {
  readonly name = 'Plans1776200000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table credits (
        id uuid primary key,
        workspace_id uuid not null,
        reference text not null,
        kind text not null check (kind in ('allowance', 'welcome', 'granted', 'paid')),
        priority integer not null,
        amount bigint not null check (amount > 0),
        remaining bigint not null check (remaining between 0 and amount),
        expired bigint not null default 0 check (expired >= 0),
        expires_at timestamptz,
        created_at timestamptz not null,
        unique (workspace_id, reference),
        check (remaining + expired <= amount)
      )`);
    await runner.query(`create index credits_left on credits (workspace_id, expires_at) where remaining > 0`);
    await protectTable(runner, 'credits');
    await runner.query(`revoke delete on credits from ${roleOf('billing')}`);
    await runner.query(`
      create table subscriptions (
        workspace_id uuid primary key,
        plan text not null,
        terms jsonb,
        source text not null,
        anchor date not null,
        period_start timestamptz not null,
        period_end timestamptz not null check (period_end > period_start),
        next_plan text,
        next_terms jsonb,
        changes integer not null default 0,
        updated_at timestamptz not null
      )`);
    await protectTable(runner, 'subscriptions');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table subscriptions, credits');
  }
}
