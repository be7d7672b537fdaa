import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Runs when a plan's period ends: the next one begins, with its allowance. */
export const renewPlan = defineJob('plan.renew', z.object({ periodEnd: z.iso.datetime() }), {
  maxAttempts: 10,
  deadlineMs: 30_000,
});
