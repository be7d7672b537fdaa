import { serviceNames } from '@atrium/contracts';
import type { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { eventQueue } from '../events/delivery.ts';
import { jobQueue } from '../jobs/job.queue.ts';
import type { RevocationWatch } from '../security/revocation.watch.ts';
import { readTotals, type GaugeSource } from './gauges.ts';

const STATES = ['pending', 'published', 'dead'] as const;

/** Deliveries that are not closed yet, by the service they are for. */
export const outboxGauges = (db: DataSource): GaugeSource => ({
  gauges: {
    outbox_rows: { help: 'Deliveries not yet acknowledged, by state', labels: ['subscriber', 'state'] },
    outbox_lag_seconds: {
      help: 'Age of the oldest delivery that is neither acknowledged nor given up',
      labels: ['subscriber'],
    },
  },
  async read() {
    const rows = await readTotals<{ subscriber: string; state: string; count: number; age: number }>(
      db,
      `select subscriber, state, count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as age
       from outbox group by subscriber, state`,
    );
    return serviceNames.flatMap((subscriber) => {
      const own = rows.filter((row) => row.subscriber === subscriber);
      const alive = own.filter(({ state }) => state !== 'dead').map(({ age }) => age);
      return [
        { name: 'outbox_lag_seconds', labels: { subscriber }, value: Math.max(0, ...alive) },
        ...STATES.map((state) => ({
          name: 'outbox_rows',
          labels: { subscriber, state },
          value: own.find((row) => row.state === state)?.count ?? 0,
        })),
      ];
    });
  },
});

/** Jobs that have not ended, by kind. */
export const jobGauges = (db: DataSource, kinds: readonly string[]): GaugeSource => ({
  gauges: {
    jobs_open: { help: 'Jobs that have not ended: due, for later, or running', labels: ['kind', 'state'] },
    jobs_overdue_seconds: { help: 'How long the oldest due job has waited to begin', labels: ['kind'] },
  },
  async read() {
    const rows = await readTotals<{ kind: string; state: string; count: number; waited: number }>(
      db,
      `select kind, case when state = 'running' then 'running' when run_at <= now() then 'due' else 'later' end as state,
         count(*)::int as count, extract(epoch from now() - min(run_at))::float8 as waited
       from jobs where state = 'queued' or state = 'running' group by 1, 2`,
    );
    return kinds.flatMap((kind) => {
      const of = (state: string) => rows.find((row) => row.kind === kind && row.state === state);
      return [
        { name: 'jobs_overdue_seconds', labels: { kind }, value: of('due')?.waited ?? 0 },
        ...['due', 'later', 'running'].map((state) => ({
          name: 'jobs_open',
          labels: { kind, state },
          value: of(state)?.count ?? 0,
        })),
      ];
    });
  },
});

/** What waits in Redis for this service's workers. */
export const queueGauges = (options: {
  redis: Redis;
  prefix: string;
  service: string;
  kinds: readonly string[];
  hasSubscribers: boolean;
}): GaugeSource => {
  const { redis, prefix, service, kinds, hasSubscribers } = options;
  const queues = [...(hasSubscribers ? [eventQueue(service)] : []), ...kinds.map((kind) => jobQueue(service, kind))];
  return {
    gauges: { queue_waiting: { help: 'Batches of events and wake-ups of jobs that wait in Redis', labels: ['queue'] } },
    read: async () =>
      Promise.all(
        queues.map(async (queue) => ({
          name: 'queue_waiting',
          labels: { queue },
          value: await redis.llen(`${prefix}:${queue}:wait`),
        })),
      ),
  };
};

/** The part of a pg pool that counts. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Connections to Postgres. */
export const poolGauges = (db: DataSource): GaugeSource => ({
  gauges: {
    database_connections: { help: 'Connections to Postgres, by state', labels: ['state'] },
    database_waiting: { help: 'Pieces of work that wait for a connection' },
  },
  read() {
    const { master } = db.driver as unknown as { readonly master: Pool };
    return [
      { name: 'database_connections', labels: { state: 'busy' }, value: master.totalCount - master.idleCount },
      { name: 'database_connections', labels: { state: 'idle' }, value: master.idleCount },
      { name: 'database_waiting', value: master.waitingCount },
    ];
  },
});

/** How far what was revoked may be ahead of what this role knows. */
export const revocationGauges = (watch: Pick<RevocationWatch, 'silenceMs'>): GaugeSource => ({
  gauges: {
    revocations_silence_seconds: { help: 'Since auth was last heard or asked about revoked tokens' },
  },
  read: () => [{ name: 'revocations_silence_seconds', value: watch.silenceMs() / 1000 }],
});
