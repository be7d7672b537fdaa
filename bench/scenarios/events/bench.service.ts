import { HoldSettled, subscriptions } from '@atrium/contracts';
import {
  defineService,
  protectTable,
  ServiceConfig,
  subscriber,
  transactional,
  type DataRuntime,
  type Unit,
} from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EFFECTS_TABLE, INSERT_EFFECT } from './effects.ts';

class BenchEffects1700000000001 implements MigrationInterface {
  readonly name = 'BenchEffects1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EFFECTS_TABLE);
    await protectTable(runner, 'effects');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table effects');
  }
}

/** What else the service whose name is borrowed subscribes to; none of it is sent here. */
const others = subscriptions
  .filter(({ event, subscribers }) => event !== HoldSettled && subscribers.includes('agent-orchestrator'))
  .map(({ event }) => event);

/** Commits one event; what a command of a real service ends with. */
const createPublisher = ({ outbox }: Unit) => ({
  publish: (holdId: string, captured: number) =>
    outbox.add(HoldSettled, holdId, { holdId, reference: `run:${captured}`, captured, released: 0, currency: 'USD' }),
});

/**
 * A service that tells itself of settled holds and writes one row for each: the product's own outbox, relay, consumer
 * and inbox in one process. It bears the name of a service that subscribes to the event.
 * @param handled called with the number of an event once its effect is committed
 */
export const createBenchService = (handled: (number: number) => void) => {
  let runtime: DataRuntime | undefined;
  const definition = defineService({
    name: 'agent-orchestrator',
    schema: 'bench',
    config: ServiceConfig,
    entities: [],
    migrations: [BenchEffects1700000000001],
    compose: (context) => {
      runtime = context.runtime;
      return {};
    },
    routes: () => [],
    audit: 'none',
    subscribers: () => [
      ...others.map((event) => subscriber(event, async () => undefined)),
      subscriber(HoldSettled, async ({ manager, tenant, afterCommit }, { data, envelope }) => {
        await manager.query(INSERT_EFFECT, [tenant.workspaceId, envelope.id, data.holdId, data.captured]);
        afterCommit(() => handled(data.captured));
      }),
    ],
  });
  const publisher = () => {
    if (!runtime) throw new Error('the service is not started');
    return transactional(runtime, createPublisher);
  };
  return { definition, publisher };
};
