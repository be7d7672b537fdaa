import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Asks for the money of an automatic top-up. */
export const requestTopUp = defineJob('top_up.request', z.object({ topUpId: z.uuid() }), {
  maxAttempts: 8,
  deadlineMs: 60_000,
});
