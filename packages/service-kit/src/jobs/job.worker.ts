import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DataRuntime } from '../data/transactional.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { inSpan, type Tracing } from '../observability/tracing.ts';
import { withContext } from '../runtime/context.ts';
import { endsWithin, isAnswering, LEAVE_AWAY_MS, LEAVE_MS } from '../runtime/leave.ts';
import { startLoop } from '../runtime/loop.ts';
import { attemptJob, type AttemptOutcome } from './job.attempt.ts';
import type { JobHandler } from './job.ts';
import { jobQueue } from './job.queue.ts';
import type { JobStore } from './job.store.ts';

/** @throws Error at start-up when a kind has two handlers */
const byKind = (handlers: readonly JobHandler[]): Map<string, JobHandler> => {
  const kinds = new Map<string, JobHandler>();
  for (const handler of handlers) {
    const { kind } = handler.definition;
    if (kinds.has(kind)) throw new Error(`job ${kind} has two handlers`);
    kinds.set(kind, handler);
  }
  return kinds;
};

/**
 * Works on a service's jobs. The row in Postgres is the truth; BullMQ spreads the wake-ups over the replicas, one
 * queue a kind so that a slow kind cannot starve another. A sweep finds what a lost wake-up or a killed process left.
 */
export const startJobWorker = (options: {
  service: string;
  prefix: string;
  handlers: readonly JobHandler[];
  store: JobStore;
  runtime: DataRuntime;
  connection: Redis;
  redis: Redis;
  log: Logger;
  metrics: Metrics;
  tracing: Tracing;
}) => {
  const { service, prefix, store, runtime, connection, redis, log, metrics, tracing } = options;
  const handlers = byKind(options.handlers);
  const shutdown = new AbortController();

  const workOn = async (handler: JobHandler): Promise<AttemptOutcome | undefined> => {
    const { kind } = handler.definition;
    const job = await store.lease(kind, randomUUID());
    if (!job) return undefined;
    const about = { 'messaging.message.id': job.id, 'atrium.job.attempt': job.attempts };
    const outcome = await inSpan(
      `job ${kind}`,
      { tracing, traceparent: job.traceparent ?? undefined, kind: 'consumer', attributes: about },
      (traceparent, span) =>
        withContext(
          {
            requestId: job.id,
            traceparent,
            tracing,
            operation: kind,
            workspaceId: job.workspaceId,
            ...(job.userId ? { userId: job.userId } : {}),
          },
          async () => {
            const shared = { job, handler, store, runtime, log, random: Math.random };
            const ended = await attemptJob({ ...shared, shutdown: shutdown.signal });
            span.set({ 'atrium.job.outcome': ended });
            return ended;
          },
        ),
    );
    metrics.jobs.inc({ kind, outcome });
    return outcome;
  };

  const running = new Set<Promise<void>>();
  const drain = async (handler: JobHandler): Promise<void> => {
    const work = (async () => {
      while (!shutdown.signal.aborted && (await workOn(handler)));
    })();
    running.add(work);
    await work.finally(() => running.delete(work));
  };

  const rooms = [...handlers].map(([kind, handler]) => {
    const name = jobQueue(service, kind);
    const queue = new Queue(name, { connection: redis, prefix });
    const worker = new Worker(name, () => drain(handler), {
      connection,
      prefix,
      concurrency: handler.definition.concurrency,
      lockDuration: 10_000,
      stalledInterval: 5_000,
      maxStalledCount: 3,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 100 },
      drainDelay: 1,
    });
    queue.on('error', (error) => log.debug({ err: error, kind }, 'job queue'));
    worker.on('error', (error) => log.debug({ err: error, kind }, 'job worker'));
    worker.on('failed', (_job, error) => log.error({ err: error, kind }, 'a job wake-up failed'));
    return { kind, queue, worker };
  });

  const wake = (kind: string): void => {
    const room = rooms.find((known) => known.kind === kind);
    room?.queue
      .add('work', {}, { removeOnComplete: true, removeOnFail: true, attempts: 1 })
      .catch((error: unknown) => log.debug({ err: error, kind }, 'a wake-up was lost; the sweep will find the job'));
  };

  let swept = 0;
  const sweep = startLoop({
    name: 'job sweep',
    intervalMs: 1_000,
    log,
    step: async () => {
      for (const kind of await store.dueKinds()) wake(kind);
      if (swept % 3_600 === 0) await store.purge();
      swept += 1;
      return false;
    },
  });

  return {
    wake,
    async stop() {
      await sweep.stop();
      shutdown.abort();
      // What is in work hands itself back; taking leave of a Redis that is away, or just goes, would take for ever.
      const away = !(await isAnswering(connection));
      const closed = rooms.flatMap(({ queue, worker }) => [
        worker.close(away),
        away ? queue.disconnect() : queue.close(),
      ]);
      await Promise.allSettled(running);
      await endsWithin(Promise.allSettled(closed), away ? LEAVE_AWAY_MS : LEAVE_MS);
    },
  };
};
