import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Runs when a hold's time is over. */
export const expireHold = defineJob('hold.expire', z.object({ holdId: z.uuid() }), {
  maxAttempts: 10,
  deadlineMs: 30_000,
});
