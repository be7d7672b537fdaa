import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Draws up a workspace's statement of a month that is over. */
export const closeStatement = defineJob(
  'statement.close',
  z.object({ month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/) }),
  { maxAttempts: 10, deadlineMs: 120_000 },
);
