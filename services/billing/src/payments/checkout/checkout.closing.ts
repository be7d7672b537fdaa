import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Closes a checkout at Stripe whose payment was cancelled here. */
export const closeCheckout = defineJob('checkout.close', z.object({ sessionId: z.string() }), {
  maxAttempts: 8,
  deadlineMs: 60_000,
});
