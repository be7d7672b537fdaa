import type { Redis } from 'ioredis';
import { signalChannel, streamKey, type RunEvent } from './run.event.ts';

/** How long a run's events stay in Redis after the last one; afterwards they come from Postgres. */
const TTL_SECONDS = 3_600;
const READ_AT_ONCE = 500;

/**
 * The events of running runs, in Redis. It can lose everything: a run that ended has them in Postgres, and readers of
 * one that runs wait for that.
 */
export const createRunStream = (redis: Redis, prefix: string) => ({
  /**
   * Appends events and wakes their readers. Redis refuses numbers that are not above the last one, so events that
   * came twice, or from a process that lost the run, leave no trace.
   * @throws Error when Redis does not answer
   */
  async append(runId: string, events: readonly RunEvent[]): Promise<void> {
    const key = streamKey(prefix, runId);
    const batch = redis.pipeline();
    for (const { seq, ...body } of events) batch.xadd(key, `${seq}-0`, 'event', JSON.stringify(body));
    batch.expire(key, TTL_SECONDS);
    batch.publish(signalChannel(prefix, runId), 'events');
    const answers = (await batch.exec()) ?? [];
    for (const [error] of answers) if (error && !error.message.includes('equal or smaller')) throw error;
  },

  /** The events after a number, oldest first. @throws Error when Redis does not answer */
  async read(runId: string, after: number): Promise<RunEvent[]> {
    const entries = await redis.xrange(streamKey(prefix, runId), `(${after}-0`, '+', 'COUNT', READ_AT_ONCE);
    return entries.flatMap(([id, fields]) => {
      const body = fields[1];
      if (body === undefined) return [];
      return [{ ...(JSON.parse(body) as RunEvent), seq: Number(id.split('-')[0]) }];
    });
  },

  /** Tells the process that works on a run to stop at once; best effort, the job row says it too. */
  cancel(runId: string): void {
    redis.publish(signalChannel(prefix, runId), 'cancel').catch(() => undefined);
  },
});
export type RunStream = ReturnType<typeof createRunStream>;
