import { z } from 'zod';
import { defineEvent } from '../event.ts';

/**
 * Somebody asked to be erased, or an owner asked for a workspace to be. Every service erases its part as a job of its
 * own and reports. It belongs to no workspace, so that nothing which carries a workspace's id need outlive it.
 */
export const ErasureRequested = defineEvent(
  'auth.erasure.requested',
  1,
  z.object({
    erasureId: z.uuid(),
    scope: z.enum(['user', 'workspace']),
    /** The person to erase; null when it is a workspace. */
    userId: z.uuid().nullable(),
    /** Erased whole. */
    workspaces: z.array(z.uuid()),
    /** Where others go on: only what is the person's own is erased. */
    shared: z.array(z.uuid()),
  }),
);

const Count = z.object({ kind: z.string().max(100), count: z.int().nonnegative() });

/** What a service did for an erasure: counts by kind of thing, and what it had to keep, with the reason for people. */
export const ErasureReport = z.object({
  erasureId: z.uuid(),
  startedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  erased: z.array(Count),
  retained: z.array(Count.extend({ reason: z.string() })),
});
export type ErasureReport = z.infer<typeof ErasureReport>;

/** The two events by which a service reports; the same shape for all of them. */
const reportsOf = (prefix: string) => ({
  progressed: defineEvent(
    `${prefix}.erasure.progressed`,
    1,
    z.object({ erasureId: z.uuid(), percent: z.int().min(0).max(100) }),
  ),
  completed: defineEvent(`${prefix}.erasure.completed`, 1, ErasureReport),
});

/** By service; each publishes its own, auth collects all. */
export const erasureReports = {
  auth: reportsOf('auth'),
  'agent-orchestrator': reportsOf('agent'),
  document: reportsOf('document'),
  billing: reportsOf('billing'),
  calendar: reportsOf('calendar'),
};
