import { outsideWorkspaces, route, type Route, type Transactional } from '@atrium/service-kit';
import getRawBody from 'raw-body';
import { z } from 'zod';
import { readDelivery, type WebhookService } from './webhook.service.ts';

/** Stripe's events are far smaller. */
const LIMIT = 1_048_576;

const Received = z.object({ received: z.literal(true) }).meta({ id: 'WebhookReceived' });

/** @param secrets of the endpoint; several while one is being replaced */
export const webhookRoutes = (
  inbox: Transactional<WebhookService>,
  secrets: readonly string[],
  now: () => Date,
): Route[] => [
  route({
    method: 'post',
    path: '/billing/webhooks/stripe',
    id: 'receiveStripeEvent',
    summary: "Take a delivery of Stripe; the signature over the body's bytes says that it is one",
    permission: 'public',
    consumes: 'application/json',
    response: Received,
    errors: [400, 413],
    handler: async ({ req }) => {
      const body = await getRawBody(req, { length: req.get('content-length') ?? null, limit: LIMIT });
      const event = readDelivery(req.get('stripe-signature'), body, secrets, now());
      await inbox.run(outsideWorkspaces(), (service) => service.receive(event));
      return { received: true as const };
    },
  }),
];
