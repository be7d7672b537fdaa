import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ledgerApply } from './ledger.apply.sql.ts';
import { holdText, ledgerTypes } from './ledger.types.sql.ts';

/** The function that decides and writes a batch of commands. */
export class LedgerFunction1776100000003 implements MigrationInterface {
  readonly name = 'LedgerFunction1776100000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const one of [...ledgerTypes, holdText, ledgerApply]) await runner.query(one);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function ledger_apply, hold_text');
    await runner.query(`drop type ledger_outcome, ledger_new_entry, ledger_new_posting, ledger_new_link,
      ledger_new_hold, ledger_changed_hold, ledger_new_answer, ledger_new_event`);
  }
}
