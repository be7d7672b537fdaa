import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cards that are charged without their owner, and what became of it. */
export class Cards1779000000010 implements MigrationInterface {
  readonly name = 'Cards1779000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table payment_cards (
        workspace_id uuid primary key,
        session_id text not null,
        begun_at timestamptz not null,
        customer_id text,
        method_id text,
        brand text,
        last4 text check (last4 ~ '^[0-9]{4}$'),
        exp_month integer check (exp_month between 1 and 12),
        exp_year integer,
        saved_by uuid,
        saved_at timestamptz not null,
        check (num_nulls(customer_id, method_id, brand, last4, exp_month, exp_year) in (0, 6))
      )`);
    await protectTable(runner, 'payment_cards');
    await runner.query(`alter table payments add column automatic boolean not null default false`);
    await runner.query(
      `alter table auto_top_ups add column customer_id text, add column method_id text, add column code text`,
    );
    await runner.query(`alter table top_up_rules add column paused_at timestamptz, add column paused_code text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table top_up_rules drop column paused_at, drop column paused_code`);
    await runner.query(`alter table auto_top_ups drop column customer_id, drop column method_id, drop column code`);
    await runner.query(`alter table payments drop column automatic`);
    await runner.query(`drop table payment_cards`);
  }
}
