import type Stripe from 'stripe';
import { toWire } from '../../ledger/money.ts';
import { isRefused } from '../checkout/stripe.client.ts';
import type { StripeFacts } from '../checkout/stripe.facts.ts';
import type { PaymentFacts } from '../payment.facts.ts';
import { cameToNothing, type Charge } from './automatic.service.ts';
import { problemOf } from './card.problem.ts';

/** Stripe keeps keys for a day; what is asked for after that might be a second charge. */
const KEY_LASTS_MS = 20 * 3_600_000;

/**
 * Charges a saved card without its owner. It may be called again after anything: the same Idempotency-Key gives the
 * same charge, and one whose answer was lost is looked for first.
 */
export const createCardCharge = (parts: { stripe: Stripe; facts: StripeFacts; now: () => Date }) => {
  const { stripe, facts, now } = parts;

  /** The intent of this charge, or what stands against it. */
  const made = async ({ payment, customerId, methodId }: Charge): Promise<Stripe.PaymentIntent | PaymentFacts> => {
    const { id, workspaceId } = payment;
    try {
      return await stripe.paymentIntents.create(
        {
          ...{ amount: toWire(payment.total), currency: payment.currency.toLowerCase(), customer: customerId },
          ...{ payment_method: methodId, allowed_payment_method_types: ['card'] },
          ...{ off_session: true, confirm: true, description: 'Automatic top-up' },
          metadata: { workspaceId, paymentId: id, automatic: 'true' },
        },
        { idempotencyKey: `auto_top_up:${id}` },
      );
    } catch (error) {
      if (!isRefused(error)) throw error;
      return error.payment_intent ?? cameToNothing(payment, problemOf(error));
    }
  };

  /** Nobody shall complete it later, when its money no longer counts against a limit. */
  const giveUp = async ({ id, status }: Stripe.PaymentIntent): Promise<void> => {
    if (!status.startsWith('requires_')) return;
    await stripe.paymentIntents.cancel(id).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
    });
  };

  return async (charge: Charge): Promise<PaymentFacts> => {
    const { payment, customerId, askedAt, again } = charge;
    const found = again ? await facts.intentOf(payment.id, customerId, askedAt) : undefined;
    if (!found && now().getTime() - askedAt.getTime() > KEY_LASTS_MS) return cameToNothing(payment, 'unanswered');
    const outcome = found ?? (await made(charge));
    if (!('object' in outcome)) return outcome;
    await giveUp(outcome);
    return facts.ofIntent(outcome);
  };
};
export type CardCharge = ReturnType<typeof createCardCharge>;
