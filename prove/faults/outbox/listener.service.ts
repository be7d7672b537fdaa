import { subscriptions } from '@atrium/contracts';
import {
  auditSteps,
  createAuditLog,
  defineService,
  dropAuditLog,
  erases,
  protectTable,
  ServiceConfig,
  subscriber,
} from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class Listener1700000000001 implements MigrationInterface {
  readonly name = 'Listener1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table heard (at bigint generated always as identity primary key, workspace_id uuid not null, key text not null,
         number integer not null, late_ms float8 not null)`,
    );
    await protectTable(runner, 'heard');
    await createAuditLog(runner, 'listener');
  }
  async down(runner: QueryRunner): Promise<void> {
    await dropAuditLog(runner);
    await runner.query('drop table heard');
  }
}

/** A service that writes down what it hears, in the order in which it hears it. */
export const listener = defineService({
  name: 'calendar',
  schema: 'listener',
  config: ServiceConfig,
  entities: [],
  migrations: [Listener1700000000001],
  erasure: { steps: [erases('heard'), ...auditSteps] },
  compose: () => ({}),
  routes: () => [],
  subscribers: () =>
    subscriptions
      .filter(({ subscribers, event }) => subscribers.includes('calendar') && !event.type.includes('erasure'))
      .map(({ event }) =>
        subscriber(event, async ({ manager }, { envelope }) => {
          await manager.query(
            `insert into heard (workspace_id, key, number, late_ms)
             values ($1, $2, $3, extract(epoch from clock_timestamp() - $4::timestamptz) * 1000)`,
            [
              envelope.workspaceid,
              envelope.subject,
              Number((envelope.data as { locale: string }).locale),
              envelope.time,
            ],
          );
        }),
      ),
});
