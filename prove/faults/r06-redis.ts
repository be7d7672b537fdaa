import { setTimeout as sleep } from 'node:timers/promises';
import { forgetKeys, redisUrl } from '@atrium/testing';
import { Redis } from 'ioredis';
import { countFaults, type Proof } from '../harness/proof.ts';
import { DRAINED_MS, told, withGuests } from './guests.ts';

/** The line to Redis is cut, held up and cut again while people write and register. */
export const redisOutage: Proof = {
  id: 'R5',
  title: 'Redis away',
  gate: `0 events lost or handled twice, writes lost or doubled; outboxes empty within ${DRAINED_MS / 1_000} s`,
  async run(context) {
    const { platform, random, short } = context;
    const rounds = short ? 2 : 20;
    const seen = await withGuests(context, async (guest) => {
      for (let round = 0; round < rounds; round += 1) {
        if (round % 2 === 0) platform.redis.cut();
        else platform.redis.fault({ stalled: true });
        await guest();
        await sleep(500 + random.int(1_500));
        platform.redis.reset();
        platform.redis.mend();
        await guest();
        await sleep(random.int(500));
      }
    }).finally(() => platform.redis.mend());
    return countFaults(seen.faults, `${rounds} times cut off or stalled; ${told(seen)}`);
  },
};

/** Everything in Redis is forgotten at random moments. */
export const redisAmnesia: Proof = {
  id: 'R6',
  title: 'Redis forgets everything',
  gate: '0 events lost or handled twice, writes lost or doubled',
  async run(context) {
    const { platform, random, short } = context;
    const rounds = short ? 3 : 20;
    const admin = new Redis(redisUrl(), { disconnectTimeout: 200 });
    try {
      const seen = await withGuests(context, async (guest) => {
        for (let round = 0; round < rounds; round += 1) {
          await guest();
          await sleep(random.int(400));
          // All that the platform has there, as FLUSHALL would; the server may be shared.
          await forgetKeys(admin, platform.queuePrefix);
        }
      });
      return countFaults(seen.faults, `${rounds} times wiped; ${told(seen)}`);
    } finally {
      admin.disconnect();
    }
  },
};
