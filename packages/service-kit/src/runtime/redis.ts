import { Redis } from 'ioredis';
import type { Logger } from '../observability/log.ts';

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
