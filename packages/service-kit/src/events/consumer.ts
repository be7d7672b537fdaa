import { EventEnvelope, type ServiceName } from '@atrium/contracts';
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { EntityManager } from 'typeorm';
import { z, ZodError } from 'zod';
import { createUnit, type DataRuntime } from '../data/transactional.ts';
import { enterTenant } from '../data/tenant.session.ts';
import { toDomainError } from '../http/problem.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { inSpan, type Tracing } from '../observability/tracing.ts';
import { withContext } from '../runtime/context.ts';
import { endsWithin, isAnswering, LEAVE_AWAY_MS, LEAVE_MS } from '../runtime/leave.ts';
import { ackList, eventQueue, type Acknowledgement, type EventBatch } from './delivery.ts';
import type { Subscriber } from './subscriber.ts';

/** An event that no retry can help: unknown here, or not of its contract's shape. */
const isHopeless = (error: unknown): boolean => error instanceof ZodError;

/** Whom an event is about, where its data says so. */
const About = z.object({ userId: z.uuid() });
const personOf = ({ data }: EventEnvelope): string | null => About.safeParse(data).data?.userId ?? null;

/** Takes in what is new. What is about somebody who was erased counts as handled: it must not bring anything back. */
const TAKE_IN = `
  with fresh as (
    insert into inbox (event_id) select unnest($1::uuid[]) on conflict do nothing returning event_id)
  select f.event_id
  from fresh f join unnest($1::uuid[], $2::uuid[], $3::uuid[]) as e (id, workspace, person) on e.id = f.event_id
  where not exists (
    select 1 from erased_subjects s where s.hash in (sha256(uuid_send(e.workspace)), sha256(uuid_send(e.person))))`;

/**
 * Receives a service's events. A batch is one transaction: the inbox rows of its new events and all their effects.
 * When one fails the batch is undone and its events are handled one by one, so a bad event stops only its own key.
 */
export const startConsumer = (options: {
  service: ServiceName;
  prefix: string;
  runtime: DataRuntime;
  subscribers: readonly Subscriber[];
  /** For the worker; may wait out an outage. */
  connection: Redis;
  /** For acknowledgements. */
  redis: Redis;
  log: Logger;
  metrics: Metrics;
  tracing: Tracing;
}) => {
  const { service, prefix, runtime, connection, redis, log, metrics, tracing } = options;
  const handlers = new Map(options.subscribers.map((own) => [own.type, own]));

  const handle = async (manager: EntityManager, envelope: EventEnvelope, later: (() => void)[]): Promise<void> => {
    const handler = handlers.get(envelope.type);
    if (!handler) throw new ZodError([{ code: 'custom', path: ['type'], message: `no handler for ${envelope.type}` }]);
    const tenant = { workspaceId: envelope.workspaceid, userId: envelope.userid };
    await inSpan(
      `handle ${envelope.type}`,
      {
        tracing,
        traceparent: envelope.traceparent,
        kind: 'consumer',
        attributes: { 'messaging.operation.type': 'process', 'messaging.message.id': envelope.id },
      },
      (traceparent) =>
        withContext(
          { requestId: envelope.id, traceparent, tracing, operation: envelope.type, ...tenant, inTransaction: true },
          async () => {
            const { unit, committed } = createUnit(runtime, manager, tenant);
            await handler.handle(unit, envelope);
            later.push(committed);
          },
        ),
    );
  };

  /** Handles events in one transaction and returns once it is committed; all or nothing. */
  const together = async (envelopes: readonly EventEnvelope[]): Promise<void> => {
    const later: (() => void)[] = [];
    await runtime.db.transaction(async (manager) => {
      const fresh: { event_id: string }[] = await manager.query(TAKE_IN, [
        envelopes.map(({ id }) => id),
        envelopes.map(({ workspaceid }) => workspaceid),
        envelopes.map(personOf),
      ]);
      const isFresh = new Set(fresh.map((row) => row.event_id));
      let workspace: string | undefined;
      for (const envelope of envelopes) {
        if (!isFresh.has(envelope.id)) continue;
        const scope = `${envelope.workspaceid}:${envelope.userid ?? ''}`;
        if (workspace !== scope) {
          await enterTenant(manager, { workspaceId: envelope.workspaceid, userId: envelope.userid });
        }
        workspace = scope;
        await handle(manager, envelope, later);
      }
    });
    later.forEach((committed) => committed());
  };

  /** Finds the event that made a batch fail: each gets its own transaction, and a failure holds back its key. */
  const oneByOne = async (envelopes: readonly EventEnvelope[]): Promise<Acknowledgement[]> => {
    const stuck = new Set<string>();
    const acks: Acknowledgement[] = [];
    for (const envelope of envelopes) {
      const about = { eventId: envelope.id, subscriber: service };
      if (stuck.has(envelope.subject)) {
        acks.push({ ...about, outcome: 'deferred' });
        continue;
      }
      try {
        await together([envelope]);
        acks.push({ ...about, outcome: 'handled' });
      } catch (error) {
        // Not the event's fault: the whole batch comes again when the database is back.
        if (toDomainError(error).status === 503) throw error;
        const outcome = isHopeless(error) ? 'rejected' : 'failed';
        log.error({ err: error, eventId: envelope.id, type: envelope.type, outcome }, 'an event could not be handled');
        acks.push({ ...about, outcome, error: error instanceof Error ? error.message : String(error) });
        if (outcome === 'failed') stuck.add(envelope.subject);
      }
    }
    return acks;
  };

  const process = async (job: Job<EventBatch>): Promise<void> => {
    const envelopes = job.data.events.map((event) => EventEnvelope.parse(event));
    let acks: Acknowledgement[];
    try {
      await together(envelopes);
      acks = envelopes.map(({ id }) => ({ eventId: id, subscriber: service, outcome: 'handled' }));
    } catch {
      acks = await oneByOne(envelopes);
    }
    await redis.rpush(ackList(prefix, job.data.publisher), JSON.stringify(acks));
    const now = Date.now();
    for (const [at, { type, time }] of envelopes.entries()) {
      metrics.eventsHandled.inc({ type, outcome: acks[at]?.outcome ?? 'handled' });
      metrics.eventLag.observe({ type }, (now - Date.parse(time)) / 1000);
    }
  };

  const running = new Set<Promise<void>>();
  const tracked = (job: Job<EventBatch>): Promise<void> => {
    const work = process(job).finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  const worker = new Worker<EventBatch>(eventQueue(service), tracked, {
    connection,
    prefix,
    concurrency: 4,
    lockDuration: 10_000,
    stalledInterval: 5_000,
    maxStalledCount: 3,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 1_000 },
    drainDelay: 1,
  });
  worker.on('error', (error) => log.debug({ err: error }, 'event worker'));
  worker.on('failed', (job, error) => log.error({ err: error, jobId: job?.id }, 'an event batch failed'));
  return {
    /**
     * Batches in hand are ended. Where Redis is away they may not get through with it, and taking leave would take for
     * ever: such a batch comes again, and what the inbox knows is not done twice.
     */
    async stop(): Promise<void> {
      const away = !(await isAnswering(connection));
      const closed = worker.close(away);
      await endsWithin(Promise.allSettled([...running, closed]), away ? LEAVE_AWAY_MS : LEAVE_MS);
    },
  };
};
