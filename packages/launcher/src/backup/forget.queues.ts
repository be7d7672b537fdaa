import { Redis } from 'ioredis';

/**
 * Forgets what Redis holds of this installation. Nothing is lost: events and jobs that are not done are rows in
 * Postgres and are sent again from there; what Redis has is of a time that the restore undid.
 */
export const forgetQueues = async (redisUrl: string, prefix: string): Promise<void> => {
  const redis = new Redis(redisUrl, { disconnectTimeout: 200 });
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 500 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
};
