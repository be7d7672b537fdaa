import { livePattern } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import type { Hub } from './hub.ts';

/**
 * Listens to the live channels of all workspaces. Best effort by design: what is published during an outage of Redis
 * is not heard, and clients read the truth over HTTP when they connect again.
 * @param redis a connection of its own that waits out an outage; it can do nothing else afterwards
 * @returns resolves when it listens
 */
export const followLive = (redis: Redis, prefix: string, hub: Hub): Promise<unknown> => {
  const pattern = livePattern(prefix);
  redis.on('pmessage', (_pattern: string, channel: string, text: string) =>
    hub.publish(channel.slice(pattern.length - 1), text),
  );
  return redis.psubscribe(pattern);
};
