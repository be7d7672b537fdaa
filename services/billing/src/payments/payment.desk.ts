import { conflict, type JobQueue } from '@atrium/service-kit';
import { toWire } from '../ledger/money.ts';
import type { ProfileService } from '../profile/profile.service.ts';
import { closeCheckout } from './checkout/checkout.closing.ts';
import type { BegunTopUp } from './checkout/checkout.service.ts';
import type { Rates } from './currency.ts';
import type { Limits, PaymentService } from './payment.service.ts';
import type { RefundService } from './refunds/refund.service.ts';

/** What people do with payments: everything behind the routes, in one transaction each. */
export const createPaymentDesk = (parts: {
  payments: PaymentService;
  refunds: RefundService;
  profile: ProfileService;
  jobs: JobQueue;
  rates: Rates;
  limits: Limits;
  /** Whether Stripe is set up, and whether administrators may enter payments. */
  means: { readonly stripe: boolean; readonly manual: boolean };
}) => {
  const { payments, refunds, profile, jobs, rates, limits, means } = parts;
  return {
    list: payments.list,
    refund: refunds.request,

    async methods() {
      const { currency } = await profile.read();
      return {
        payments: means.stripe ? ('stripe' as const) : ('manual' as const),
        manualTopUps: means.manual,
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
