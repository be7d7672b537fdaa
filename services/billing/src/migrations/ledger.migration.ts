import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, journal entries and postings, with the rules that hold whatever the program does. */
export class Ledger1760000000001 implements MigrationInterface {
  readonly name = 'Ledger1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table accounts (
        id uuid primary key,
        workspace_id uuid not null,
        kind text not null check (kind in ('granted', 'wallet', 'held', 'spent')),
        currency text not null,
        balance bigint not null default 0,
        created_at timestamptz not null,
        unique (workspace_id, kind, currency),
        unique (workspace_id, id),
        constraint accounts_not_overdrawn check (case when kind = 'granted' then balance <= 0 else balance >= 0 end)
      )`);
    await protectTable(runner, 'accounts');
    await runner.query(`
      create table entries (
        id uuid primary key,
        workspace_id uuid not null,
        seq bigint not null,
        kind text not null check (kind in ('grant', 'hold', 'capture', 'release', 'charge')),
        reference text not null,
        description text not null,
        created_at timestamptz not null,
        unique (workspace_id, seq),
        unique (workspace_id, kind, reference),
        unique (workspace_id, id)
      )`);
    await protectTable(runner, 'entries');
    await runner.query(`
      create table postings (
        workspace_id uuid not null,
        entry_id uuid not null,
        account_id uuid not null,
        amount bigint not null check (amount <> 0),
        primary key (workspace_id, entry_id, account_id),
        foreign key (workspace_id, entry_id) references entries (workspace_id, id),
        foreign key (workspace_id, account_id) references accounts (workspace_id, id)
      )`);
    await runner.query(`create index postings_of_account on postings (workspace_id, account_id)`);
    await protectTable(runner, 'postings');
    await this.keepBalances(runner);
    await this.sumToZero(runner);
    await this.neverChange(runner);
    const role = roleOf('billing');
    await runner.query(`revoke update, delete on entries, postings from ${role}`);
    await runner.query(`revoke update, delete on accounts from ${role}`);
    await runner.query(`grant update (balance) on accounts to ${role}`);
  }

  /** A balance is the running sum of its postings; the database adds it up, so it cannot be forgotten. */
  private async keepBalances(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function add_posting() returns trigger language plpgsql set search_path from current as $$
      begin
        update accounts set balance = balance + new.amount
        where workspace_id = new.workspace_id and id = new.account_id;
        if not found then raise exception 'account % is not in workspace %', new.account_id, new.workspace_id; end if;
        return null;
      end $$`);
    await runner.query(
      `create trigger postings_balance after insert on postings for each row execute function add_posting()`,
    );
  }

  /**
   * Checked at the commit, when an entry has all its postings. A transaction may have gone through several workspaces
   * by then, so the check enters that of the row and comes back.
   */
  private async sumToZero(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function check_entry() returns trigger language plpgsql set search_path from current as $$
      declare
        entry uuid := case when tg_table_name = 'entries' then to_jsonb(new)->>'id' else to_jsonb(new)->>'entry_id' end;
        before text := current_setting('app.workspace_id', true);
        total numeric;
        parts integer;
      begin
        perform set_config('app.workspace_id', new.workspace_id::text, true);
        select coalesce(sum(amount), 0), count(*) into total, parts
        from postings where workspace_id = new.workspace_id and entry_id = entry;
        perform set_config('app.workspace_id', coalesce(before, ''), true);
        if total <> 0 or parts < 2 then
          raise exception 'entry % sums to % over % postings', entry, total, parts using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    for (const table of ['entries', 'postings'])
      await runner.query(
        `create constraint trigger ${table}_sum_to_zero after insert on ${table}
         deferrable initially deferred for each row execute function check_entry()`,
      );
  }

  /** The role may not change what is booked; this stops everybody else too. */
  private async neverChange(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% are never changed: book another entry instead', tg_table_name;
      end $$`);
    for (const table of ['entries', 'postings']) {
      await runner.query(
        `create trigger ${table}_immutable before update or delete on ${table}
         for each row execute function refuse_change()`,
      );
      await runner.query(
        `create trigger ${table}_not_emptied before truncate on ${table}
         for each statement execute function refuse_change()`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table postings, entries, accounts');
    await runner.query('drop function add_posting, check_entry, refuse_change');
  }
}
