import type { ServiceContext } from '@atrium/service-kit';
import type { AttemptCounter } from './attempt.counter.ts';

const TAKE = `
  local count = redis.call('incr', KEYS[1])
  if count == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
  return {count, redis.call('pttl', KEYS[1])}`;

/** The window may have passed in between; a new count is not begun by giving back. */
const GIVE_BACK = `if redis.call('exists', KEYS[1]) == 1 then redis.call('decr', KEYS[1]) end return 1`;

/** Counts in Redis, for all replicas together. @throws when Redis does not answer */
export const createRedisCounter = (redis: ServiceContext<unknown>['redis'], prefix: string): AttemptCounter => {
  const nameOf = (key: string): string => `${prefix}:attempts:${key}`;
  return {
    async take(key, windowMs) {
      const [count, resetMs] = (await redis.eval(TAKE, 1, nameOf(key), windowMs)) as [number, number];
      return { count, resetMs };
    },
    async giveBack(key) {
      await redis.eval(GIVE_BACK, 1, nameOf(key));
    },
    async clear(key) {
      await redis.unlink(nameOf(key));
    },
  };
};
