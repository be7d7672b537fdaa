import { roles } from '@atrium/launcher';
import { eventually } from '@atrium/testing';
import type { Person } from '../platform/people.ts';
import { underLoad, type UnderLoad } from './under.load.ts';
import type { Scene } from './workload.ts';

/** How long the outboxes may take to empty. */
export const DRAINED_MS = 30_000;

/** Waits for the outboxes of all services to empty. @returns how long it took, in ms; undefined when it did not */
export const drained = async ({ platform }: Scene): Promise<number | undefined> => {
  const began = Date.now();
  const schemas = roles.flatMap(({ schema }) => schema ?? []);
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
export const withGuests = async (
  context: Scene,
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

/** What was seen, in one line. */
export const told = ({
  writes,
  unknown,
  guests,
  drainedMs,
  slowestMs,
}: Awaited<ReturnType<typeof withGuests>>): string =>
  `${writes} writes, ${unknown} tries without an answer, slowest ${slowestMs} ms; ${guests} registrations; outboxes empty ${drainedMs} ms after the end`;
