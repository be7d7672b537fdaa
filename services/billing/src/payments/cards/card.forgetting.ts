import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Has Stripe forget a card that is not used here any more. */
export const forgetCard = defineJob('card.forget', z.object({ methodId: z.string() }), {
  maxAttempts: 10,
  deadlineMs: 60_000,
});
