import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ledgerApply } from './ledger.apply.sql.ts';

/**
 * The same books with fewer statements a batch: what every workspace has is read by one, all that is written goes in
 * one, and postings are checked by one.
 */
export class LedgerStatements1778000000020 implements MigrationInterface {
  readonly name = 'LedgerStatements1778000000020';
  readonly locks = 'an index of the journal that nothing reads is dropped from the catalogue, which takes milliseconds';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ledgerApply.replace('create function', 'create or replace function'));
    await runner.query(`
      create or replace function book_postings() returns trigger language plpgsql set search_path from current as $$
      declare wrong record;
      begin
        select p.entry_id, sum(p.amount) as total, count(*) as parts, count(a.id) as known, count(e.id) as entered into wrong
        from added p left join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
        left join entries e on e.id = p.entry_id and e.workspace_id is not distinct from p.workspace_id
        group by p.workspace_id, p.entry_id, a.currency
        having sum(p.amount) <> 0 or count(*) < 2 or count(a.id) <> count(*) or count(e.id) <> count(*) limit 1;
        if found then
          if wrong.total = 0 and wrong.parts > 1 and wrong.known = wrong.parts then
            raise exception 'a posting has no entry in its workspace' using errcode = 'foreign_key_violation';
          end if;
          raise exception 'entry % sums to % over % postings to % accounts of its workspace',
            wrong.entry_id, wrong.total, wrong.parts, wrong.known using errcode = 'check_violation';
        end if;
        update accounts a set balance = a.balance + moved.amount
        from (select workspace_id, account_id, sum(amount) as amount from added group by 1, 2) moved
        where a.workspace_id = moved.workspace_id and a.id = moved.account_id;
        return null;
      end $$`);
    // Served the foreign key of postings, which the check of each statement stands for.
    await runner.query(`alter table entries drop constraint entries_workspace_id_id_key`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('The former statements came to the same; restore a backup instead.'));
  }
}
