import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** What is read of a delivery; the rest is asked for again. */
export const StripeEvent = z.object({
  id: z.string().regex(/^evt_\w{1,200}$/),
  type: z.string().min(1).max(200),
  data: z.object({
    object: z.object({
      id: z.string().max(200).optional(),
      payment_intent: z
        .union([z.string().max(200), z.object({ id: z.string().max(200) }).transform(({ id }) => id)])
        .nullish(),
    }),
  }),
});
export type StripeEvent = z.output<typeof StripeEvent>;

const OF_ITSELF =
  /^(?:payment_intent\.(?:succeeded|payment_failed|processing|canceled)|checkout\.session\.(?:completed|expired|async_payment_(?:succeeded|failed))|invoice\.(?:paid|payment_failed|voided|marked_uncollectible))$/;
const OF_ITS_INTENT = /^(?:charge\.(?:refunded|refund\.updated|dispute\.\w+)|refund\.(?:created|updated|failed))$/;

/** What an event is about: a checkout session, an invoice or a payment intent; undefined when it is none of ours. */
export const subjectOf = ({ type, data: { object } }: StripeEvent): string | undefined => {
  if (OF_ITSELF.test(type)) return object.id;
  return OF_ITS_INTENT.test(type) ? (object.payment_intent ?? undefined) : undefined;
};

/** Brings a payment up to date with what an event announced. */
export const applyStripeEvent = defineJob('stripe.apply', z.object({ eventId: z.string() }), {
  maxAttempts: 12,
  concurrency: 4,
  deadlineMs: 60_000,
});
