import { DomainError } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateClass } from '../routes.table.ts';
import { createLeases, type Grant, type Verdict } from './lease.ts';

/** Points in a window of each class; 0: no limit. */
export type RateSettings = Readonly<Record<RateClass, number>> & { readonly windowSeconds: number };

/** Where the headers of an answer are set; a WebSocket has none. */
interface Headers {
  setHeader(name: string, value: string): unknown;
}

interface Limit {
  readonly take: (key: string) => Verdict | Promise<Verdict>;
  readonly policy: string;
  readonly name: RateClass;
}

const counter = (redis: Redis, keyPrefix: string, points: number, duration: number) => {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points,
    duration,
    rejectIfRedisNotReady: true,
    // Without Redis every gateway counts by itself: a limit that is too generous is better than none, or no service.
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration }),
  });
  return async (key: string, wanted: number): Promise<Grant> => {
    const state = await limiter.consume(key, wanted).catch((over: unknown) => {
      if (over instanceof RateLimiterRes) return over;
      throw over;
    });
    const tooMany = Math.max(0, state.consumedPoints - points);
    return { granted: Math.max(0, wanted - tooMany), left: state.remainingPoints, endsInMs: state.msBeforeNext };
  };
};

/** The limits of all gateways together, counted in Redis in fixed windows. */
export const createRateLimits = (options: {
  redis: Redis;
  prefix: string;
  settings: RateSettings;
  /** Told of every refusal. */
  refused: (name: RateClass) => void;
  now: () => number;
}) => {
  const { redis, prefix, settings, refused, now } = options;
  const limitOf = (name: RateClass): Limit | undefined => {
    const limit = settings[name];
    if (limit === 0) return undefined;
    const ask = counter(redis, `${prefix}:limit:${name}`, limit, settings.windowSeconds);
    return {
      name,
      policy: `"${name}";q=${limit};w=${settings.windowSeconds}`,
      take: createLeases({ limit, ask, now }),
    };
  };
  const limits = { strict: limitOf('strict'), anonymous: limitOf('anonymous'), user: limitOf('user') };

  /** Tells the client its limit (draft-ietf-httpapi-ratelimit-headers) and refuses what is beyond it. */
  const settle = (res: Headers, limit: Limit, { allowed, remaining, endsInMs }: Verdict): void => {
    const seconds = Math.ceil(endsInMs / 1000);
    res.setHeader('ratelimit-policy', limit.policy);
    res.setHeader('ratelimit', `"${limit.name}";r=${remaining};t=${seconds}`);
    if (allowed) return;
    refused(limit.name);
    throw new DomainError('request.rate_limited', 429, `Too many requests. Try again in ${seconds} s.`, {
      headers: { 'retry-after': String(seconds) },
    });
  };

  return {
    /**
     * Counts a request; a promise only when Redis had to be asked.
     * @param key the user, or the network of an address
     * @throws DomainError 429 `request.rate_limited`
     */
    count(res: Headers, name: RateClass, key: string): Promise<void> | undefined {
      const limit = limits[name];
      if (!limit) return undefined;
      const verdict = limit.take(key);
      if (verdict instanceof Promise) return verdict.then((late) => settle(res, limit, late));
      settle(res, limit, verdict);
      return undefined;
    },
  };
};
export type RateLimits = ReturnType<typeof createRateLimits>;
