import { jobHandler, type JobHandler, type Transactional } from '@atrium/service-kit';
import type Stripe from 'stripe';
import { toWire } from '../ledger/money.ts';
import { closeCheckout } from './checkout/checkout.closing.ts';
import type { Checkout } from './checkout/checkout.service.ts';
import { forgetMethod, isRefused } from './checkout/stripe.client.ts';
import { refundStatus } from './checkout/stripe.facts.ts';
import { forgetCard } from './cards/card.forgetting.ts';
import { sendRefund } from './refunds/refund.sending.ts';
import type { RefundService } from './refunds/refund.service.ts';
import type { StripeApply } from './webhooks/stripe.apply.ts';
import { applyStripeEvent } from './webhooks/stripe.event.ts';

const AGAIN_MS = 3_600_000;

/** The work with Stripe that nobody waits for. */
export const paymentJobs = (parts: {
  stripe: Stripe | undefined;
  apply: StripeApply | undefined;
  checkout: Checkout | undefined;
  refunds: Transactional<RefundService>;
  now: () => Date;
}): JobHandler[] => {
  const { stripe, apply, checkout, refunds, now } = parts;
  const missing = (): never => {
    throw new Error('there is work with Stripe to do, but STRIPE_SECRET_KEY is not set');
  };
  const again = () => ({ runAt: new Date(now().getTime() + AGAIN_MS) });
  return [
    jobHandler(applyStripeEvent, {
      work: ({ payload }) => (apply ?? missing)(payload.eventId),
      // What Stripe announced must not be lost, however long it does not answer.
      givenUp: async ({ jobs }, payload) => {
        await jobs.add(applyStripeEvent, payload, again());
      },
    }),
    jobHandler(closeCheckout, {
      work: ({ payload }) => (checkout ? checkout.close(payload.sessionId) : missing()),
      // It ends by itself within a day.
      givenUp: async () => undefined,
    }),
    jobHandler(forgetCard, {
      work: ({ payload }) => forgetMethod(stripe ?? missing(), payload.methodId),
      givenUp: async ({ jobs }, payload) => {
        await jobs.add(forgetCard, payload, again());
      },
    }),
    jobHandler(sendRefund, {
      work: async ({ tenant, payload: { refundId } }) => {
        const unsent = await refunds.read(tenant, (service) => service.unsent(refundId));
        if (!unsent) return;
        const { refund, intentId } = unsent;
        const metadata = { workspaceId: tenant.workspaceId, paymentId: refund.paymentId, refundId };
        const sent = await (stripe ?? missing()).refunds
          .create(
            { payment_intent: intentId, amount: toWire(refund.amount), metadata },
            { idempotencyKey: `refund:${refundId}` },
          )
          .then(({ id, status }) => ({ providerId: id, status: refundStatus(status) }))
          .catch((error: unknown) => {
            if (isRefused(error)) return { providerId: null, status: 'failed' as const };
            throw error;
          });
        await refunds.run(tenant, (service) => service.sent(refundId, sent));
      },
      givenUp: async ({ jobs }, payload) => {
        await jobs.add(sendRefund, payload, again());
      },
    }),
  ];
};
