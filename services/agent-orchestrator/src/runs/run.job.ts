import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Carries out a run; each attempt goes on from the recorded steps. */
export const executeRun = defineJob('run.execute', z.object({ runId: z.uuid() }), {
  maxAttempts: 5,
  concurrency: 8,
  deadlineMs: 180_000,
});
