import { conflict, type JobQueue } from '@atrium/service-kit';
import { toWire } from '../ledger/money.ts';
import type { ProfileService } from '../profile/profile.service.ts';
import { closeCheckout } from './checkout/checkout.closing.ts';
import type { CardStore, SavedCard } from './cards/card.store.ts';
import type { BegunTopUp } from './checkout/checkout.service.ts';
import type { Rates } from './currency.ts';
import type { Limits, PaymentService } from './payment.service.ts';
import type { RefundService } from './refunds/refund.service.ts';

/** A card is good until the end of its month. */
const presentCard = ({ brand, last4, expMonth, expYear, savedAt }: SavedCard, at: Date) => ({
  ...{ brand, last4, expMonth, expYear, savedAt: savedAt.toISOString() },
  expired: at.getTime() >= Date.UTC(expYear, expMonth, 1),
});

/** What people do with payments: everything behind the routes, in one transaction each. */
export const createPaymentDesk = (parts: {
  payments: PaymentService;
  refunds: RefundService;
  profile: ProfileService;
  cards: Pick<CardStore, 'find'>;
  jobs: JobQueue;
  rates: Rates;
  limits: Limits;
  /** Whether Stripe is set up, and whether administrators may enter payments. */
  means: { readonly stripe: boolean; readonly manual: boolean };
  now: () => Date;
}) => {
  const { payments, refunds, profile, cards, jobs, rates, limits, means, now } = parts;
  return {
    list: payments.list,
    refund: refunds.request,

    async methods() {
      const [{ currency }, card] = [await profile.read(), await cards.find()];
      return {
        payments: means.stripe ? ('stripe' as const) : ('manual' as const),
        manualTopUps: means.manual,
        automaticTopUps: means.stripe,
        card: card ? presentCard(card, now()) : null,
        currency,
        currencies: [...rates.keys()],
        leastCents: toWire(limits.least),
        mostCents: toWire(limits.most),
      };
    },

    /** Notes a top-up whose checkout was begun. */
    async note({ id, quote, customer, session }: BegunTopUp, userId: string) {
      if (quote.customerId === null) await profile.remember(customer);
      return payments.begin(id, quote, {
        ...{ kind: 'topup', provider: 'stripe', sessionId: session.id, checkoutUrl: session.url, createdBy: userId },
      });
    },

    /** @throws DomainError 409 `payment.no_manual` where the operator wants people to pay by card only */
    async enter(price: bigint, given: Parameters<PaymentService['enter']>[1], userId: string) {
      if (!means.manual)
        throw conflict('payment.no_manual', 'Top-ups cannot be entered by hand here. Pay by card instead.');
      return payments.enter(price, given, userId);
    },

    async cancel(id: string) {
      const payment = await payments.cancel(id);
      if (payment.sessionId !== null)
        await jobs.add(closeCheckout, { sessionId: payment.sessionId }, { key: payment.sessionId });
      return payment;
    },

    async detail(id: string) {
      const payment = await payments.find(id);
      return { payment, refunds: await refunds.of(id), disputes: await refunds.disputesOf(id) };
    },
  };
};
export type PaymentDesk = ReturnType<typeof createPaymentDesk>;
