import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ledgerApply } from './ledger.apply.sql.ts';

/** The books see what a workspace watches, and keep for whom money is set aside. */
export class LedgerWatch1776200000005 implements MigrationInterface {
  readonly name = 'LedgerWatch1776200000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['budgets', 'top_up_rules', 'credits', 'spending_settings'])
      await runner.query(`
        create policy batch on ${table} for select using (workspace_id = any ((select entered_workspaces())::uuid[]))`);
    await runner.query('drop function ledger_apply');
    await runner.query(`
      alter type ledger_new_hold
        add attribute agent_id uuid, add attribute user_id uuid, add attribute api_key_id uuid, add attribute tags jsonb`);
    await runner.query(ledgerApply);
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('The books without what they see to are not built again; restore a backup instead.'),
    );
  }
}
