import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, forgetKeys, redisUrl } from '@atrium/testing';
import { Redis } from 'ioredis';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import type { Person } from '../platform/people.ts';
import { underLoad, type UnderLoad } from './under.load.ts';

const DRAINED_MS = 30_000;

/** Waits for the outboxes of all services to empty. @returns how long it took, in ms; undefined when it did not */
const drained = async ({ platform }: ProofContext): Promise<number | undefined> => {
  const began = Date.now();
  const schemas = platform.definitions.flatMap(({ schema }) => schema ?? []);
  const empty = async (): Promise<boolean> => {
    const [row] = await platform.database.query<{ left: number }>(
      `select (${schemas.map((one) => `(select count(*) from ${one}.outbox where state <> 'dead' and subscriber <> 'nobody')`).join(' + ')})::int as left`,
    );
    return row?.left === 0;
  };
  return eventually(empty, DRAINED_MS).then(
    () => Date.now() - began,
    () => undefined,
  );
};

/** People register meanwhile; each must be given the welcome credit once, by an event. */
const withGuests = async (
  context: ProofContext,
  harm: (guest: () => Promise<void>) => Promise<void>,
): Promise<UnderLoad & { guests: number; drainedMs: number | undefined }> => {
  const { platform, world } = context;
  const guests: Person[] = [];
  const seen = await underLoad(context, () => harm(async () => void guests.push(await world.newcomer())), {
    clients: 4,
  });
  const drainedMs = await drained(context);
  if (drainedMs === undefined) seen.faults.push(`events were still waiting ${DRAINED_MS} ms later`);
  for (const { workspaceId } of guests) {
    const count = async (): Promise<number> =>
      (
        await platform.database.query(
          `select 1 from billing.entries e where workspace_id = $1 and kind not in ('charge', 'hold', 'release', 'capture')`,
          [workspaceId],
        )
      ).length;
    await eventually(async () => (await count()) > 0, 5_000).catch(() => undefined);
    const credits = await count();
    if (credits !== 1) seen.faults.push(`the event of a registration was handled ${credits} times`);
  }
  return { ...seen, guests: guests.length, drainedMs };
};

const told = ({ writes, unknown, guests, drainedMs, slowestMs }: Awaited<ReturnType<typeof withGuests>>): string =>
  `${writes} writes, ${unknown} tries without an answer, slowest ${slowestMs} ms; ${guests} registrations; outboxes empty ${drainedMs} ms after the end`;

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
