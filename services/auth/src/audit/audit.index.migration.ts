import { indexAuditLog } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reading the audit log by time, as it is merged with those of the other services. */
export class AuditByTime1777000000004 implements MigrationInterface {
  readonly name = 'AuditByTime1777000000004';

  async up(runner: QueryRunner): Promise<void> {
    await indexAuditLog(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index if exists audit_log_by_time');
  }
}
