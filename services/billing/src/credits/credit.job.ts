import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Runs when the time of a credit is over. */
export const expireCredit = defineJob('credit.expire', z.object({ creditId: z.uuid() }), {
  maxAttempts: 10,
  deadlineMs: 30_000,
});
