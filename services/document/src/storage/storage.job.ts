import { defineJob, type JobQueue } from '@atrium/service-kit';
import { z } from 'zod';

/** Measures what a workspace has stored on a day, at its end in UTC. */
export const measureStorage = defineJob('storage.measure', z.object({ day: z.iso.date() }), {
  maxAttempts: 20,
  deadlineMs: 60_000,
});

const DAY_MS = 86_400_000;

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
export const dayAfter = (day: string): string => dayOf(new Date(Date.parse(day) + DAY_MS));

/** Has a day measured when it ends; once a day and workspace, however often it is asked for. */
export const measureDay = (jobs: JobQueue, workspaceId: string, day: string): Promise<unknown> =>
  jobs.add(measureStorage, { day }, { key: `${workspaceId}:${day}`, runAt: new Date(dayAfter(day)) });

/** A workspace that stores something is measured from this day on; each measurement asks for the next. */
export const beginMeasuring = (jobs: JobQueue, workspaceId: string, at: Date): Promise<unknown> =>
  measureDay(jobs, workspaceId, dayOf(at));
