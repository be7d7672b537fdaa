import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is billed, invoices with their counter, and monthly statements. */
export class Invoices1776300000001 implements MigrationInterface {
  readonly name = 'Invoices1776300000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table billing_profiles (
        workspace_id uuid primary key,
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        buyer jsonb not null,
        customer_id text,
        updated_at timestamptz not null
      )`);
    await runner.query(`
      create table invoice_counters (
        workspace_id uuid primary key,
        last bigint not null check (last > 0)
      )`);
    await runner.query(`
      create table invoices (
        id uuid primary key,
        workspace_id uuid not null,
        number bigint not null,
        kind text not null check (kind in ('invoice', 'credit_note')),
        source_id uuid not null,
        payment_id uuid not null,
        currency text not null,
        net bigint not null check (net >= 0),
        total bigint not null check (total > 0),
        taxes jsonb not null,
        lines jsonb not null,
        seller jsonb not null,
        buyer jsonb not null,
        language text not null,
        issued_at timestamptz not null,
        unique (workspace_id, number),
        unique (workspace_id, kind, source_id),
        foreign key (workspace_id, payment_id) references payments (workspace_id, id)
      )`);
    await runner.query(`
      create table statements (
        workspace_id uuid not null,
        month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
        first_seq bigint not null,
        last_seq bigint not null,
        body jsonb not null,
        closed_at timestamptz not null,
        primary key (workspace_id, month),
        check (last_seq >= first_seq - 1)
      )`);
    for (const table of ['billing_profiles', 'invoice_counters', 'invoices', 'statements'])
      await protectTable(runner, table);
    const role = roleOf('billing');
    await runner.query(`revoke update, delete on invoices, statements from ${role}`);
    await runner.query(`revoke delete on invoice_counters from ${role}`);
    // Workspaces from before there were statements begin with the running month.
    await runner.query(`
      insert into jobs (id, kind, workspace_id, key, payload, run_at)
      select gen_random_uuid(), 'statement.close', workspace_id, workspace_id || ':' || to_char(month, 'YYYY-MM'),
        jsonb_build_object('month', to_char(month, 'YYYY-MM')), (month + interval '1 month 10 minutes') at time zone 'UTC'
      from (select distinct workspace_id, date_trunc('month', now() at time zone 'UTC') as month from accounts) known
      on conflict (kind, key) do nothing`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table statements, invoices, invoice_counters, billing_profiles');
  }
}
