import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Tells the provider of a refund that is booked already. */
export const sendRefund = defineJob('refund.send', z.object({ refundId: z.uuid() }), {
  maxAttempts: 10,
  deadlineMs: 60_000,
});
