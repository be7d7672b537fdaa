import { livePattern } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import type { Hub } from './hub.ts';

/**
 * Listens to the live channels of all workspaces. Best effort by design: what is published during an outage of Redis
 * is not heard, and clients read the truth over HTTP when they connect again.
 * @param redis a connection of its own, which can do nothing else afterwards
 */
export const followLive = (redis: Redis, prefix: string, hub: Hub): void => {
  const pattern = livePattern(prefix);
  redis.on('pmessage', (_pattern: string, channel: string, text: string) =>
    hub.publish(channel.slice(pattern.length - 1), text),
  );
  // Connections that wait out an outage subscribe when Redis answers; nothing has to wait for it here.
  redis.psubscribe(pattern).catch(() => undefined);
};
