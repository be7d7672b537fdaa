import { Redis } from 'ioredis';
import type { Logger } from '../observability/log.ts';

/**
 * After an outage ioredis subscribes again by itself and waits for nothing. When that fails, since the connection is gone
 * once more, the rejection that nobody heard would end the process. Whoever subscribes is told as before.
 */
const forgiveSubscriptions = (redis: Redis): void => {
  for (const name of ['subscribe', 'psubscribe'] as const) {
    const plain = redis[name].bind(redis) as (...channels: unknown[]) => Promise<unknown>;
    const forgiving = (...channels: unknown[]): Promise<unknown> => {
      const asked = plain(...channels);
      asked.catch(() => undefined);
      return asked;
    };
    Object.assign(redis, { [name]: forgiving });
  }
};

/**
 * Opens a Redis connection that reconnects for ever and says so once per outage.
 * @param patient true for connections whose commands may wait out an outage (workers); others fail at once
 * @param timeoutMs gives up on a command that is not answered in time; for commands that a request waits for
 */
export const openRedis = (
  url: string,
  options: { log: Logger; name: string; patient?: boolean; timeoutMs?: number },
): Redis => {
  const redis = new Redis(url, {
    connectionName: options.name,
    maxRetriesPerRequest: options.patient ? null : 1,
    enableOfflineQueue: options.patient ?? false,
    lazyConnect: false,
    // What a closed connection may still wait for its peer; it would hold up the end of the process.
    disconnectTimeout: 200,
    ...(options.timeoutMs === undefined ? {} : { commandTimeout: options.timeoutMs }),
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  forgiveSubscriptions(redis);
  let down = false;
  redis.on('error', (error: unknown) => {
    if (!down) options.log.warn({ err: error, connection: options.name }, 'Redis is not answering; retrying');
    down = true;
  });
  redis.on('ready', () => {
    if (down) options.log.info({ connection: options.name }, 'Redis answers again');
    down = false;
  });
  return redis;
};
