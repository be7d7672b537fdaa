import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments, what of them went back, and what Stripe told of them. Amounts are cents of the payment's currency. */
export class Payments1776300000000 implements MigrationInterface {
  readonly name = 'Payments1776300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table payments (
        id uuid primary key,
        workspace_id uuid not null,
        kind text not null check (kind in ('topup', 'subscription')),
        provider text not null check (provider in ('stripe', 'manual')),
        status text not null
          check (status in ('pending', 'processing', 'cancelled', 'expired', 'failed', 'review', 'paid')),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        rate bigint not null check (rate > 0),
        price bigint not null check (price > 0),
        tax bigint not null check (tax >= 0),
        total bigint not null check (total = price + tax),
        taxes jsonb not null,
        reference text,
        reason text,
        plan text,
        period_start timestamptz,
        period_end timestamptz,
        session_id text,
        checkout_url text,
        intent_id text,
        stripe_invoice_id text,
        failure text,
        created_by uuid,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        paid_at timestamptz,
        unique (workspace_id, provider, reference),
        unique (workspace_id, id),
        check ((status = 'paid') = (paid_at is not null))
      )`);
    await runner.query(`create index payments_in_time on payments (workspace_id, created_at, id)`);
    await runner.query(`create unique index payments_session on payments (workspace_id, session_id)`);
    await runner.query(`create unique index payments_stripe_invoice on payments (workspace_id, stripe_invoice_id)`);
    await this.takenBack(runner, 'refunds', `'pending', 'succeeded', 'failed'`);
    await this.takenBack(runner, 'disputes', `'open', 'won', 'lost'`);
    await runner.query(`
      create table stripe_events (
        id text primary key,
        type text not null,
        subject text not null,
        status text not null default 'received' check (status in ('received', 'applied', 'ignored', 'failed')),
        note text,
        received_at timestamptz not null,
        applied_at timestamptz
      )`);
    for (const table of ['payments', 'refunds', 'disputes']) await protectTable(runner, table);
    await runner.query(`revoke delete on payments, refunds, disputes, stripe_events from ${roleOf('billing')}`);
  }

  private async takenBack(runner: QueryRunner, table: string, statuses: string): Promise<void> {
    await runner.query(`
      create table ${table} (
        id uuid primary key,
        workspace_id uuid not null,
        payment_id uuid not null,
        provider_id text,
        amount bigint not null check (amount > 0),
        taken bigint not null check (taken between 0 and amount),
        tax bigint not null check (tax between 0 and taken),
        status text not null check (status in (${statuses})),
        reason text,
        created_by uuid,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        unique (workspace_id, provider_id),
        foreign key (workspace_id, payment_id) references payments (workspace_id, id)
      )`);
    await runner.query(`create index ${table}_of_payment on ${table} (workspace_id, payment_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table stripe_events, disputes, refunds, payments');
  }
}
