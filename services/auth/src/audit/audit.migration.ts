import { createAuditLog } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log. */
export class Audit1772000000000 implements MigrationInterface {
  readonly name = 'Audit1772000000000';

  up = (runner: QueryRunner): Promise<void> => createAuditLog(runner, 'auth');

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_log, audit_heads');
    await runner.query('drop function audit_append(), audit_refuse()');
  }
}
