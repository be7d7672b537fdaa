import { RunUsage } from '@atrium/contracts';
import { z } from 'zod';
import { runStates, type Run } from './run.entity.ts';

export const RunView = z
  .object({
    id: z.uuid(),
    conversationId: z.uuid(),
    agentId: z.uuid(),
    userId: z.uuid(),
    state: z.enum(runStates),
    /** Why it failed: `code` for programs, `reason` for people. */
    code: z.string().nullable(),
    reason: z.string().nullable(),
    model: z.string(),
    provider: z.string(),
    usage: z.array(RunUsage),
    /** Micro-units of the workspace's currency; null until billing has settled it. */
    cost: z.int().nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Run' });

export const EventsQuery = z.strictObject({
  /** Number of the last event seen; the `Last-Event-ID` header says the same and wins. */
  after: z.coerce.number().int().nonnegative().default(0),
});

export const presentRun = (run: Run): z.input<typeof RunView> => ({
  ...run,
  cost: run.cost === null ? null : Number(run.cost),
  createdAt: run.createdAt.toISOString(),
  startedAt: run.startedAt?.toISOString() ?? null,
  finishedAt: run.finishedAt?.toISOString() ?? null,
});
