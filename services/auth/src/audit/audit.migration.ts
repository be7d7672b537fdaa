import { createAuditLog, dropAuditLog } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log. */
export class Audit1772000000000 implements MigrationInterface {
  readonly name = 'Audit1772000000000';

  up = (runner: QueryRunner): Promise<void> => createAuditLog(runner, 'auth');

  down = (runner: QueryRunner): Promise<void> => dropAuditLog(runner);
}
