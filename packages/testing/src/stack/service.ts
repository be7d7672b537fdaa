import { randomBytes } from 'node:crypto';
import type { RunningService, ServiceDefinition } from '@atrium/service-kit';
import { Redis } from 'ioredis';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { neverTurnedAway, redisUrl } from './environment.ts';
import { startTokenIssuer, type TokenIssuer } from './issuer.ts';

/** A service that really runs: own database, own Redis prefix, tokens from a stand-in for auth. */
export interface ServiceUnderTest {
  readonly url: string;
  readonly running: RunningService;
  readonly database: TestDatabase;
  readonly issuer: TokenIssuer;
  readonly redis: Redis;
  readonly prefix: string;
  /** Starts another process of the same service on the same data, as a replica, after a crash, or with other settings. */
  startAgain(change?: NodeJS.ProcessEnv): Promise<RunningService>;
  close(): Promise<void>;
}

/** Removes everything a test left in Redis. */
export const forgetKeys = async (redis: Redis, prefix: string): Promise<void> => {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 500 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...(keys as string[]));
  }
};

/** @param env settings beyond what the stack gives: database, Redis, prefix, port and where auth is */
export const startServiceUnderTest = async (
  definition: ServiceDefinition,
  env: NodeJS.ProcessEnv = {},
): Promise<ServiceUnderTest> => {
  const [database, issuer] = await Promise.all([createTestDatabase([definition]), startTokenIssuer()]);
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
  const full = {
    PORT: '0',
    LOG_LEVEL: 'silent',
    ...neverTurnedAway,
    DATABASE_URL: database.urlOf(definition.schema),
    DATABASE_POOL: '5',
    REDIS_URL: redisUrl(),
    QUEUE_PREFIX: prefix,
    AUTH_URL: issuer.url,
    SERVICE_SECRET: 'only-in-tests-only-in-tests',
    ...env,
  };
  const started: RunningService[] = [];
  const startAgain = async (change: NodeJS.ProcessEnv = {}): Promise<RunningService> => {
    const running = await definition.start({ ...full, ...change });
    started.push(running);
    return running;
  };
  const running = await startAgain();
  return {
    url: running.url,
    running,
    database,
    issuer,
    redis,
    prefix,
    startAgain,
    async close() {
      await Promise.all(started.map((one) => one.close()));
      await issuer.close();
      await forgetKeys(redis, prefix);
      redis.disconnect();
      await database.drop();
    },
  };
};

/** Polls until `probe` gives something; for what happens after an answer, such as the effect of an event. */
export const eventually = async <T>(probe: () => Promise<T | undefined | false>, withinMs = 30_000): Promise<T> => {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`it did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
