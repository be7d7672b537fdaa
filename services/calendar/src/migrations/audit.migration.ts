import { createAuditLog, dropAuditLog } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log. */
export class Audit1777000000003 implements MigrationInterface {
  readonly name = 'Audit1777000000003';

  up = (runner: QueryRunner): Promise<void> => createAuditLog(runner, 'calendar');

  down = (runner: QueryRunner): Promise<void> => dropAuditLog(runner);
}
