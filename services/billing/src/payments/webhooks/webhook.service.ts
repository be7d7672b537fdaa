import { DomainError, unavailable, type JobQueue } from '@atrium/service-kit';
import { applyStripeEvent, StripeEvent, subjectOf } from './stripe.event.ts';
import type { EventOutcome, StripeEventStore } from './stripe.event.store.ts';
import { checkSignature } from './stripe.signature.ts';

const parse = (body: Buffer): StripeEvent => {
  try {
    return StripeEvent.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new DomainError('webhook.malformed', 400, 'The delivery is signed, but it is no event.');
  }
};

/**
 * Reads a delivery that Stripe signed.
 * @throws DomainError 400 `webhook.bad_signature`, `webhook.stale`, `webhook.malformed`; 503 without a secret
 */
export const readDelivery = (
  header: string | undefined,
  body: Buffer,
  secrets: readonly string[],
  now: Date,
): StripeEvent => {
  if (secrets.length === 0)
    throw unavailable('webhook.not_configured', 'Set STRIPE_WEBHOOK_SECRETS to take deliveries.', 60);
  const problem = checkSignature(header ?? '', body, secrets, now.getTime() / 1000);
  if (problem === 'stale')
    throw new DomainError('webhook.stale', 400, 'The delivery was signed more than five minutes away from now.');
  if (problem) throw new DomainError('webhook.bad_signature', 400, 'The signature does not fit the delivery.');
  return parse(body);
};

/** Keeps deliveries. What they mean is worked out by a job, so that Stripe is answered at once. */
export const createWebhookService = (parts: { events: StripeEventStore; jobs: JobQueue; now: () => Date }) => {
  const { events, jobs, now } = parts;
  return {
    /** Once an event id, however often it is delivered. */
    async receive(event: StripeEvent): Promise<void> {
      const subject = subjectOf(event);
      const isNew = await events.add(event, subject, now());
      if (isNew && subject !== undefined) await jobs.add(applyStripeEvent, { eventId: event.id }, { key: event.id });
    },
    subject: (id: string) => events.subject(id),
    close: (id: string, outcome: EventOutcome, note: string | null) => events.close(id, outcome, note, now()),
  };
};
export type WebhookService = ReturnType<typeof createWebhookService>;
