import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { entryLine, FIRST_HASH } from '../ledger/ledger.chain.ts';

/**
 * Books that many commands write at once: rules are checked a statement instead of a row, the journal of a workspace
 * has a head that is its lock, and every batch of entries is a link in a chain of hashes.
 */
export class LedgerBooks1776100000001 implements MigrationInterface {
  readonly name = 'LedgerBooks1776100000001';

  async up(runner: QueryRunner): Promise<void> {
    await this.openKinds(runner);
    await this.checkByStatement(runner);
    await this.chain(runner);
    await this.enterSeveral(runner);
  }

  /** Kinds are listed in the program; the database knows which side of zero an account keeps to. */
  private async openKinds(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table entries drop constraint entries_kind_check`);
    await runner.query(`alter table entries add constraint entries_kind_check check (kind ~ '^[a-z][a-z_]*$')`);
    await runner.query(`
      alter table accounts
        add column side text check (side in ('source', 'store', 'either')),
        drop constraint accounts_kind_check,
        drop constraint accounts_not_overdrawn,
        add constraint accounts_kind_check check (kind ~ '^[a-z][a-z_]*$')`);
    await runner.query(`update accounts set side = case when kind = 'granted' then 'source' else 'store' end`);
    await runner.query(`
      alter table accounts
        alter column side set not null,
        add constraint accounts_not_overdrawn check (
          case side when 'source' then balance <= 0 when 'store' then balance >= 0 else true end),
        add constraint accounts_exact_in_json check (balance between -9007199254740991 and 9007199254740991)`);
    // Free space in each page keeps the update of a balance beside its row.
    await runner.query(`alter table accounts set (fillfactor = 50)`);
  }

  /**
   * One statement writes an entry with all its postings, so its sum is checked, and its balances are moved, once a
   * statement. These checks also stand for the foreign keys of postings, which cost a look-up a row each.
   */
  private async checkByStatement(runner: QueryRunner): Promise<void> {
    for (const table of ['entries', 'postings']) await runner.query(`drop trigger ${table}_sum_to_zero on ${table}`);
    // An account's id is enough; with the workspace before it, it was taken for the way to the postings of an entry.
    await runner.query(`drop index postings_of_account`);
    await runner.query(`create index postings_of_account on postings (account_id)`);
    await runner.query(`drop trigger postings_balance on postings`);
    await runner.query(`drop function add_posting, check_entry`);
    await runner.query(`
      alter table postings
        drop constraint postings_workspace_id_entry_id_fkey,
        drop constraint postings_workspace_id_account_id_fkey,
        add constraint postings_exact_in_json check (amount between -9007199254740991 and 9007199254740991)`);
    await runner.query(`
      create function book_postings() returns trigger language plpgsql set search_path from current as $$
      declare wrong record;
      begin
        select p.entry_id, sum(p.amount) as total, count(*) as parts, count(a.id) as known into wrong
        from added p left join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
        group by p.workspace_id, p.entry_id, a.currency
        having sum(p.amount) <> 0 or count(*) < 2 or count(a.id) <> count(*) limit 1;
        if found then
          raise exception 'entry % sums to % over % postings to % accounts of its workspace',
            wrong.entry_id, wrong.total, wrong.parts, wrong.known using errcode = 'check_violation';
        end if;
        if exists (select from added p where not exists (
            select from entries e where e.id = p.entry_id and e.workspace_id is not distinct from p.workspace_id)) then
          raise exception 'a posting has no entry in its workspace' using errcode = 'foreign_key_violation';
        end if;
        update accounts a set balance = a.balance + moved.amount
        from (select workspace_id, account_id, sum(amount) as amount from added group by 1, 2) moved
        where a.workspace_id = moved.workspace_id and a.id = moved.account_id;
        return null;
      end $$`);
    await runner.query(`
      create trigger postings_booked after insert on postings
      referencing new table as added for each statement execute function book_postings()`);
    await runner.query(`
      create function check_entries() returns trigger language plpgsql set search_path from current as $$
      declare bare uuid;
      begin
        select e.id into bare from added e where not exists (
          select from postings p where p.workspace_id = e.workspace_id and p.entry_id = e.id) limit 1;
        if found then
          raise exception 'entry % sums to 0 over 0 postings: write both in one statement', bare
            using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    await runner.query(`
      create trigger entries_have_postings after insert on entries
      referencing new table as added for each statement execute function check_entries()`);
  }

  /** What was booked before becomes the first link of each workspace's chain. */
  private async chain(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger_heads (
        workspace_id uuid primary key,
        seq bigint not null default 0,
        hash bytea not null default ${FIRST_HASH}
      ) with (fillfactor = 50)`);
    await runner.query(`
      create table ledger_batches (
        workspace_id uuid not null,
        from_seq bigint not null,
        to_seq bigint not null check (to_seq >= from_seq),
        previous_hash bytea not null,
        hash bytea not null,
        created_at timestamptz not null default now(),
        primary key (workspace_id, to_seq)
      )`);
    await runner.query(`
      create function entry_line(seq bigint, id uuid, kind text, reference text, description text, at timestamptz,
        currency text, accounts text, amounts text) returns text language sql stable as $$ ${entryLine} $$`);
    await runner.query(`insert into ledger_heads (workspace_id) select distinct workspace_id from accounts`);
    await runner.query(`
      insert into ledger_batches (workspace_id, from_seq, to_seq, previous_hash, hash)
      select workspace_id, min(seq), max(seq), ${FIRST_HASH},
        sha256(${FIRST_HASH} || convert_to(string_agg(line, '' order by seq), 'UTF8'))
      from (
        select e.workspace_id, e.seq, entry_line(e.seq, e.id, e.kind, e.reference, e.description, e.created_at,
          min(a.currency), string_agg(a.kind, ',' order by a.kind collate "C"),
          string_agg(p.amount::text, ',' order by a.kind collate "C")) as line
        from entries e join postings p on p.workspace_id = e.workspace_id and p.entry_id = e.id
        join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
        group by e.id) lines
      group by workspace_id`);
    await runner.query(`
      update ledger_heads h set seq = b.to_seq, hash = b.hash from ledger_batches b where b.workspace_id = h.workspace_id`);
    await protectTable(runner, 'ledger_heads');
    await protectTable(runner, 'ledger_batches');
    await runner.query(`
      create trigger ledger_batches_immutable before update or delete on ledger_batches
      for each row execute function refuse_change()`);
    await runner.query(`
      create trigger ledger_batches_not_emptied before truncate on ledger_batches
      for each statement execute function refuse_change()`);
    const role = roleOf('billing');
    await runner.query(`revoke update, delete on ledger_batches from ${role}`);
    await runner.query(`revoke delete on ledger_heads from ${role}`);
  }

  /** A batch enters the workspaces of its commands and no other; `app.workspace_id` names only one. */
  private async enterSeveral(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function entered_workspaces() returns uuid[] language sql stable as
      $$ select string_to_array(nullif(current_setting('app.workspaces', true), ''), ',')::uuid[] $$`);
    const own = 'workspace_id = any ((select entered_workspaces())::uuid[])';
    for (const table of [
      'accounts',
      'entries',
      'postings',
      'ledger_heads',
      'ledger_batches',
      'holds',
      'idempotency_keys',
    ])
      await runner.query(`create policy batch on ${table} using (${own}) with check (${own})`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('The chain of the books is not taken apart; restore a backup instead.'));
  }
}
