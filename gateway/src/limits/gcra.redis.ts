import { takePoints, type Rate } from '@atrium/resilience';
import type { Redis } from 'ioredis';
import type { Grant } from './lease.ts';

/**
 * `takePoints` of @atrium/resilience, carried out by Redis on its own clock, so that gateways need not agree on the
 * time. Remembers when the points of a key are all there again, and nothing after that.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst, every, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local start = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local there = math.floor((burst * every - (start - now)) / every + 1e-9)
local granted = math.max(0, math.min(wanted, there))
local fullAt = start + granted * every
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%.3f', fullAt), 'PX', math.ceil(fullAt - now) + 1)
end
return { granted, math.max(0, there - granted), tostring(math.max(0, fullAt - now - (burst - 1) * every)), tostring(fullAt - now) }`;

const KEYS_IN_MEMORY = 20_000;

/** The same in this process's memory. */
const inMemory = (rate: Rate, now: () => number) => {
  const remembered = new Map<string, number>();
  return (key: string, wanted: number): Grant => {
    const at = now();
    const { fullAt, ...state } = takePoints(rate, remembered.get(key) ?? 0, wanted, at);
    remembered.delete(key);
    if (remembered.size >= KEYS_IN_MEMORY) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(key, fullAt);
    return state;
  };
};

/**
 * A bucket that all gateways share. Without Redis every gateway counts by itself: a limit that is too generous is better
 * than none, or no service.
 */
export const createBucket = (options: { redis: Redis; prefix: string; rate: Rate; now: () => number }) => {
  const { redis, prefix, rate, now } = options;
  const alone = inMemory(rate, now);
  return async (key: string, wanted: number): Promise<Grant> => {
    if (redis.status !== 'ready') return alone(key, wanted);
    const answer = await redis
      .eval(TAKE, 1, `${prefix}:${key}`, rate.burst, rate.everyMs, wanted)
      .catch(() => undefined);
    if (!Array.isArray(answer)) return alone(key, wanted);
    const [granted = 0, left = 0, waitMs = 0, fullInMs = 0] = answer.map(Number);
    return { granted, left, waitMs, fullInMs };
  };
};
