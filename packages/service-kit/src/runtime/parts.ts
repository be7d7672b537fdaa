import type { ServiceName } from '@atrium/contracts';
import type { Redis } from 'ioredis';
import type { EntitySchema } from 'typeorm';
import type { DataRuntime } from '../data/transactional.ts';
import { openDatabase } from '../data/database.ts';
import { watchPool } from '../data/pool.waits.ts';
import { createOutboxStore } from '../events/outbox.store.ts';
import { createOutboxWriter } from '../events/outbox.ts';
import { startConsumer } from '../events/consumer.ts';
import { startRelay, type Relay } from '../events/relay.ts';
import { checkSubscribers, type Subscriber } from '../events/subscriber.ts';
import { createJobWriter } from '../jobs/job.queue.ts';
import { createJobStore } from '../jobs/job.store.ts';
import type { JobHandler } from '../jobs/job.ts';
import { startJobWorker } from '../jobs/job.worker.ts';
import { createLogger, type Logger } from '../observability/log.ts';
import { addGauges } from '../observability/gauges.ts';
import { jobGauges, outboxGauges, poolGauges, queueGauges } from '../observability/kit.gauges.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { openTracing } from '../observability/open.tracing.ts';
import type { Tracing } from '../observability/tracing.ts';
import { createKeySource } from '../security/jwks.ts';
import { createRevocationSource, type RevocationSource } from '../security/revocation.source.ts';
import { watchRevocations, type RevocationWatch } from '../security/revocation.watch.ts';
import { createDelegation, type Delegation } from '../security/service.client.ts';
import { createDoor } from '../http/door.ts';
import type { ServiceConfig } from './config.ts';
import type { HealthCheck } from './health.ts';
import { createLivePublisher } from './live.ts';
import { opsRoutes } from './ops.routes.ts';
import { watchPressure } from './pressure.ts';
import { openRedis } from './redis.ts';

/** What a service's features are built from. */
export interface ServiceContext<Config> {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly runtime: DataRuntime;
  /** For commands that may fail at once when Redis is away. */
  readonly redis: Redis;
  /** Opens another connection, closed with the service; `patient` ones wait out an outage. */
  connectRedis(name: string, patient: boolean): Redis;
  readonly delegation: Delegation;
  /** Aborted when the service begins to stop. */
  readonly draining: AbortSignal;
}

/** Opens what a service stands on: database, Redis, outbox, jobs, keys. */
export const openParts = async <Config extends ServiceConfig>(
  spec: { name: ServiceName; schema: string; entities: readonly EntitySchema[] },
  config: Config,
) => {
  const { name, schema } = spec;
  const log = createLogger({ service: name, level: config.LOG_LEVEL, file: config.LOG_FILE });
  const metrics = createMetrics(name);
  const tracing = await openTracing(name, config);
  const draining = new AbortController();
  const db = await openDatabase({
    url: config.DATABASE_URL,
    schema,
    pool: config.DATABASE_POOL,
    entities: spec.entities,
    log,
  });
  const pressure = watchPressure(config.OVERLOAD_DELAY_MS, watchPool(db).longestMs);
  const connections: Redis[] = [];
  const connectRedis = (purpose: string, patient: boolean): Redis => {
    const redis = openRedis(config.REDIS_URL, { log, name: `${name}:${purpose}`, patient });
    connections.push(redis);
    return redis;
  };
  const redis = connectRedis('commands', false);
  const prefix = config.QUEUE_PREFIX;
  let relay: Relay | undefined;
  let watch: RevocationWatch | undefined;
  let wakeJobs: ((kind: string) => void) | undefined;
  const runtime: DataRuntime = {
    db,
    outbox: createOutboxWriter({
      source: name,
      wake: () => relay?.wake(),
      live: createLivePublisher(redis, prefix),
    }),
    jobs: createJobWriter((kind) => wakeJobs?.(kind)),
  };
  const context: ServiceContext<Config> = {
    config,
    log,
    metrics,
    tracing,
    runtime,
    redis,
    connectRedis,
    delegation: createDelegation({
      authUrl: config.AUTH_URL,
      service: name,
      secret: config.SERVICE_SECRET,
      isRevoked: (userId, issuedAt) => watch?.isRevoked({ userId, sessionId: undefined, issuedAt }) ?? false,
    }),
    draining: draining.signal,
  };
  const checks: HealthCheck[] = [
    { name: 'database', vital: true, check: () => db.query('select 1') },
    { name: 'redis', vital: false, check: () => redis.ping() },
  ];

  const startWorkers = (subscribers: readonly Subscriber[], handlers: readonly JobHandler[]) => {
    checkSubscribers(name, subscribers);
    const outbox = createOutboxStore(db, Math.random);
    const common = { service: name, prefix, runtime, redis, log, metrics, tracing };
    const kinds = handlers.map(({ definition }) => definition.kind);
    addGauges(
      metrics,
      [
        outboxGauges(db),
        jobGauges(db, kinds),
        queueGauges({ redis, prefix, service: name, kinds, hasSubscribers: subscribers.length > 0 }),
        poolGauges(db),
      ],
      log,
    );
    relay = startRelay({ ...common, store: outbox, acks: connectRedis('acks', true) });
    const consumer =
      subscribers.length > 0
        ? startConsumer({ ...common, subscribers, connection: connectRedis('events', true) })
        : undefined;
    const jobs =
      handlers.length > 0
        ? startJobWorker({ ...common, handlers, store: createJobStore(db), connection: connectRedis('jobs', true) })
        : undefined;
    wakeJobs = jobs?.wake;
    const ownRelay = relay;
    return {
      routes: opsRoutes(name, {
        runtime,
        outbox,
        handlers,
        wakeRelay: () => ownRelay.wake(),
        wakeJobs: (kind) => wakeJobs?.(kind),
      }),
      async stop() {
        await Promise.all([jobs?.stop(), consumer?.stop()]);
        await ownRelay.stop();
      },
    };
  };

  return {
    context,
    door: createDoor({ most: config.MAX_IN_FLIGHT, pressure, metrics }),
    checks,
    draining,
    keys: createKeySource(new URL('/.well-known/jwks.json', config.AUTH_URL).href),
    startWorkers,
    /** @param source where revocations come from, when not from auth over HTTP: auth knows its own */
    watchRevocations(source: RevocationSource = createRevocationSource(config.AUTH_URL)): RevocationWatch {
      watch = watchRevocations({ source, redis: connectRedis('revocations', true), prefix, log });
      return watch;
    },
    async close() {
      watch?.close();
      pressure.stop();
      // A second disconnect of a closed connection would keep the process for its two-second timer.
      for (const connection of connections) if (connection.status !== 'end') connection.disconnect();
      await Promise.all([db.destroy(), tracing.close()]);
    },
  };
};
