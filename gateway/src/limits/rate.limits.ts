import { DomainError } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import type { RateClass } from '../routes.table.ts';
import { createBucket } from './gcra.redis.ts';
import { createLeases, type Verdict } from './lease.ts';

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

/** A block of points that was fetched ahead is good for this share of the window. */
const KEPT = 0.25;

/**
 * The limits of all gateways together, counted in Redis. After a pause as much as fits into a window may come at once;
 * then it comes back evenly over the window, so there is no moment at which everybody may come again.
 */
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
    const windowMs = settings.windowSeconds * 1_000;
    const rate = { burst: limit, everyMs: windowMs / limit };
    const ask = createBucket({ redis, prefix: `${prefix}:limit:${name}`, rate, now });
    return {
      name,
      policy: `"${name}";q=${limit};w=${settings.windowSeconds}`,
      take: createLeases({ limit, keepMs: windowMs * KEPT, ask, now }),
    };
  };
  const limits = {
    strict: limitOf('strict'),
    anonymous: limitOf('anonymous'),
    user: limitOf('user'),
    webhook: limitOf('webhook'),
  };

  /** Tells the client its limit (draft-ietf-httpapi-ratelimit-headers) and refuses what is beyond it. */
  const settle = (res: Headers, limit: Limit, { allowed, remaining, waitMs, fullInMs }: Verdict): void => {
    res.setHeader('ratelimit-policy', limit.policy);
    res.setHeader('ratelimit', `"${limit.name}";r=${remaining};t=${Math.ceil(fullInMs / 1000)}`);
    if (allowed) return;
    refused(limit.name);
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
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
