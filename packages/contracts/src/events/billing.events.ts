import { z } from 'zod';
import { defineEvent } from '../event.ts';

/** A hold was settled: `captured` was spent, `released` went back; amounts in micro-units. */
export const HoldSettled = defineEvent(
  'billing.hold.settled',
  1,
  z.object({
    holdId: z.uuid(),
    reference: z.string(),
    captured: z.int().nonnegative(),
    released: z.int().nonnegative(),
    currency: z.string(),
  }),
  { live: 'workspace' },
);
