import { randomUUID } from 'node:crypto';
import type { ServiceName } from '@atrium/contracts';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../observability/log.ts';
import { endsWithin, isAnswering, LEAVE_AWAY_MS, LEAVE_MS, succeedsWithin } from '../runtime/leave.ts';
import { startLoop } from '../runtime/loop.ts';
import { createAckList } from './ack.list.ts';
import { ackList, eventQueue, type Acknowledgement, type EventBatch } from './delivery.ts';
import type { Delivery, OutboxStore } from './outbox.store.ts';

/** Events in one job: large enough to share a transaction, small enough to keep it short. A busy key may fill more. */
const BATCH = 100;
const TAKE_AT_ONCE = 500;
/** After this long without an acknowledgement a delivery is published again. */
const UNACKNOWLEDGED_SECONDS = 30;
/** Redis may take this long for what was taken at once; a transaction is open meanwhile. */
const PUBLISH_MS = 5_000;

/**
 * The deliveries of a subscriber, packed so that all of a key are in one batch: batches are handled side by side. Keys of
 * a workspace lie side by side too, so that the consumer seldom has to change the tenant.
 */
const packKeys = (deliveries: readonly Delivery[]): Delivery[][] => {
  const batches: Delivery[][] = [];
  let room: Delivery[] = [];
  const keys = [...Map.groupBy(deliveries, ({ envelope }) => envelope.subject).values()];
  for (const ofKey of [...Map.groupBy(keys, ([first]) => first?.envelope.workspaceid).values()].flat()) {
    if (room.length > 0 && room.length + ofKey.length > BATCH) {
      batches.push(room);
      room = [];
    }
    room.push(...ofKey);
  }
  return room.length > 0 ? [...batches, room] : batches;
};

const inBatches = (publisher: ServiceName, deliveries: readonly Delivery[]) =>
  [...Map.groupBy(deliveries, ({ subscriber }) => subscriber)].flatMap(([subscriber, own]) =>
    packKeys(own).map((part): { subscriber: string; data: EventBatch; jobId: string } => ({
      subscriber,
      data: { publisher, events: part.map(({ envelope }) => envelope) },
      jobId: `${part[0]?.envelope.id}-${part.at(-1)?.envelope.id}-${part.length}-${subscriber}`,
    })),
  );

/**
 * Moves committed events from the outbox to the subscribers' queues and closes what they acknowledge.
 * @param redis a connection that may wait (it blocks on the acknowledgement list)
 */
export const startRelay = (options: {
  service: ServiceName;
  prefix: string;
  store: OutboxStore;
  redis: Redis;
  acks: Redis;
  log: Logger;
}) => {
  const { service, prefix, store, redis, acks, log } = options;
  const queues = new Map<string, Queue<EventBatch>>();
  const queueOf = (subscriber: string): Queue<EventBatch> => {
    const known = queues.get(subscriber);
    if (known) return known;
    const queue = new Queue<EventBatch>(eventQueue(subscriber), { connection: redis, prefix });
    queue.on('error', (error) => log.debug({ err: error }, 'event queue'));
    queues.set(subscriber, queue);
    return queue;
  };

  const publish = startLoop({
    name: 'relay',
    intervalMs: 250,
    log,
    step: async () => {
      if (redis.status !== 'ready') return false;
      const taken = await store.take(TAKE_AT_ONCE, async (deliveries) => {
        const work = async (): Promise<void> => {
          for (const { subscriber, data, jobId } of inBatches(service, deliveries)) {
            await queueOf(subscriber).add('batch', data, {
              jobId,
              attempts: 3,
              backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
              removeOnComplete: true,
              removeOnFail: true,
            });
          }
        };
        // A Redis that hangs must not hold the transaction open.
        if (!(await succeedsWithin(work(), PUBLISH_MS))) throw new Error(`Redis took longer than ${PUBLISH_MS} ms`);
      });
      return taken >= TAKE_AT_ONCE;
    },
  });

  const ackEntries = createAckList(acks, redis, ackList(prefix, service));
  const close = async (entries: readonly string[]): Promise<void> => {
    if (entries.length === 0) return;
    await store.settle(entries.flatMap((entry) => JSON.parse(entry) as Acknowledgement[]));
    await ackEntries.settled(entries);
    publish.wake();
  };
  const settle = startLoop({
    name: 'acknowledgements',
    intervalMs: 0,
    log,
    step: async () => {
      await close(await ackEntries.take());
      return true;
    },
  });
  // Since those in hand are looked at twice, a relay that lives has this long for what it took.
  const recover = startLoop({
    name: 'forgotten acknowledgements',
    intervalMs: 500,
    log,
    step: async () => {
      if (redis.status === 'ready') await close(await ackEntries.forgotten());
      return false;
    },
  });

  const wipeMark = `${prefix}:relay:${service}`;
  let marked = false;
  const sweep = startLoop({
    name: 'sweeper',
    intervalMs: 5_000,
    log,
    step: async () => {
      if (redis.status !== 'ready') return false;
      const wiped = marked && (await redis.exists(wipeMark)) === 0;
      if (!marked || wiped) await redis.set(wipeMark, randomUUID());
      marked = true;
      const reopened = await store.reopen(wiped ? 0 : UNACKNOWLEDGED_SECONDS);
      if (reopened > 0) {
        log.warn({ reopened, wiped }, 'publishing again what was never acknowledged');
        publish.wake();
      }
      return false;
    },
  });

  return {
    wake: () => publish.wake(),
    async stop() {
      // What waits on a connection that is away, or just goes, never ends. Rows left half published are published again.
      const answering = await isAnswering(redis);
      const ms = answering ? LEAVE_MS : LEAVE_AWAY_MS;
      await endsWithin(Promise.all([publish.stop(), sweep.stop(), recover.stop()]), ms);
      const settling = acks.status === 'ready';
      acks.disconnect();
      const settled = settle.stop();
      if (settling) await endsWithin(settled, ms);
      if (answering) await endsWithin(Promise.all([...queues.values()].map((queue) => queue.close())), ms);
    },
  };
};
export type Relay = ReturnType<typeof startRelay>;
