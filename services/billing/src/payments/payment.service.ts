import { conflict, decodeCursor, invalid, notFound } from '@atrium/service-kit';
import { chargeFor, taxesFor, type Charge, type TaxRule } from '../invoices/tax.ts';
import { LARGEST_AMOUNT } from '../ledger/money.ts';
import type { ProfileService } from '../profile/profile.service.ts';
import type { Rates } from './currency.ts';
import type { Payment } from './payment.entity.ts';
import type { PaymentFacts } from './payment.facts.ts';
import type { PaymentSettlement } from './payment.settlement.ts';
import type { PaymentStore } from './payment.store.ts';
import type { PaymentKind, Provider } from './payment.ts';
import type { RefundService } from './refunds/refund.service.ts';

/** What a top-up may be, in cents. */
export interface Limits {
  readonly least: bigint;
  readonly most: bigint;
}

/** What is about to be asked for. */
export interface Quote {
  readonly charge: Charge;
  readonly currency: string;
  readonly rate: bigint;
  readonly customerId: string | null;
  readonly email: string | null;
}

const sameMoment = (cursor: string | undefined) => {
  const place = decodeCursor(cursor);
  if (place && Number.isNaN(Date.parse(place.at)))
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return place;
};

/** Money that people pay: asked for, arrived, or come to nothing. */
export const createPaymentService = (parts: {
  payments: PaymentStore;
  settlement: PaymentSettlement;
  refunds: Pick<RefundService, 'learn'>;
  profile: ProfileService;
  rates: Rates;
  taxes: readonly TaxRule[];
  limits: Limits;
  now: () => Date;
  newId: () => string;
}) => {
  const { payments, settlement, refunds, profile, rates, taxes, limits, now, newId } = parts;

  /** @throws DomainError 422 `payment.currency_mismatch` */
  const quote = async (price: bigint, wanted: string | undefined): Promise<Quote> => {
    const { currency, buyer, customerId } = await profile.read();
    if (wanted !== undefined && wanted !== currency)
      throw invalid('payment.currency_mismatch', `This workspace pays in ${currency}.`);
    const rate = rates.get(currency);
    if (rate === undefined)
      throw conflict('payment.currency_unavailable', `Payments in ${currency} are not possible at the moment.`);
    const charge = chargeFor(price, taxesFor(taxes, buyer.country));
    return { charge, currency, rate, customerId, email: buyer.email };
  };

  const rowFor = (id: string, { charge, currency, rate }: Omit<Quote, 'customerId' | 'email'>, kind: PaymentKind) => {
    const at = now();
    return {
      ...{ id, kind, currency, rate, price: charge.price, tax: charge.added, total: charge.total },
      taxes: charge.taxes.map((tax) => ({ ...tax, amount: tax.amount.toString() })),
      ...{ automatic: false, status: 'pending' as const, failure: null, reference: null, reason: null, plan: null },
      ...{ periodStart: null, periodEnd: null, sessionId: null, checkoutUrl: null, intentId: null },
      ...{ stripeInvoiceId: null, createdBy: null, createdAt: at, updatedAt: at, paidAt: null },
    };
  };

  return {
    /**
     * What a top-up would cost.
     * @throws DomainError 422 `payment.amount_out_of_range`, `payment.currency_mismatch`
     */
    async quoteTopUp(price: bigint, currency: string | undefined): Promise<Quote> {
      if (price < limits.least || price > limits.most)
        throw invalid(
          'payment.amount_out_of_range',
          `A top-up is between ${limits.least} and ${limits.most} cents; this one is ${price}.`,
        );
      return quote(price, currency);
    },
    /** What a top-up of so much credit would cost, in whole cents that are not more. @param micros of the books */
    async quoteCredit(micros: bigint): Promise<Quote> {
      const { rate } = await quote(1n, undefined);
      return this.quoteTopUp(micros / rate, undefined);
    },
    /** What a plan would cost, rounded up to a cent of the workspace's currency. @param micros its price in the books */
    async quotePlan(micros: bigint): Promise<Quote> {
      const { rate } = await quote(1n, undefined);
      return quote((micros + rate - 1n) / rate, undefined);
    },

    /** Notes a payment that was begun at the provider. */
    async begin(
      id: string,
      asked: Quote,
      begun: { kind: PaymentKind; provider: Provider } & Partial<
        Pick<
          Payment,
          | 'automatic'
          | 'sessionId'
          | 'checkoutUrl'
          | 'plan'
          | 'createdBy'
          | 'stripeInvoiceId'
          | 'periodStart'
          | 'periodEnd'
        >
      >,
    ): Promise<Payment> {
      await settlement.lock();
      const { currency } = await profile.read();
      if (currency !== asked.currency)
        throw conflict('payment.currency_mismatch', `This workspace pays in ${currency} by now. Try again.`);
      return payments.add({ ...rowFor(id, asked, begun.kind), ...begun });
    },

    /**
     * Books money that reached the operator in another way; the same reference is booked once.
     * @throws DomainError 409 `payment.reference_used`, 422 `payment.balance_too_large`
     */
    async enter(
      price: bigint,
      given: { reference: string; reason: string; currency?: string | undefined },
      by: string,
    ) {
      const books = await settlement.lock();
      const known = await payments.findByReference('manual', given.reference);
      if (known && (known.price !== price || (given.currency ?? known.currency) !== known.currency))
        throw conflict('payment.reference_used', 'This reference was used for a top-up of another amount.');
      if (known) return known;
      const asked = await this.quoteTopUp(price, given.currency);
      if (books.wallet + asked.charge.price * asked.rate > LARGEST_AMOUNT)
        throw invalid('payment.balance_too_large', 'The balance would become larger than can be kept exactly.');
      const payment = await payments.add({
        ...rowFor(newId(), asked, 'topup'),
        ...{ provider: 'manual', reference: given.reference, reason: given.reason, createdBy: by },
      });
      await settlement.arrive(books, payment, null);
      return (await payments.find(payment.id)) ?? payment;
    },

    /** Takes a payment as far as the provider's facts go; how often and in which order makes no difference. */
    async learn(id: string, facts: PaymentFacts): Promise<boolean> {
      const books = await settlement.lock();
      const payment = await payments.lock(id);
      if (!payment) return false;
      const { paid } = await settlement.advance(books, payment, facts);
      if (paid) await refunds.learn((await payments.find(id)) ?? payment, facts);
      return true;
    },

    /** Takes the invoice of a subscription as far as its facts go; its payment begins with the first of them. */
    async learnInvoice(
      invoiceId: string,
      bought: { plan: string; price: bigint; periodStart: Date; periodEnd: Date },
      facts: PaymentFacts,
    ): Promise<void> {
      await settlement.lock();
      const { price, ...period } = bought;
      const known = await payments.findByStripeInvoice(invoiceId);
      const begun = { kind: 'subscription', provider: 'stripe', stripeInvoiceId: invoiceId, ...period } as const;
      const { id } = known ?? (await this.begin(newId(), await quote(price, undefined), begun));
      await this.learn(id, facts);
    },

    /**
     * Gives up a payment that nobody made yet.
     * @throws DomainError 404, 409 `payment.settled` when it arrived or came to nothing before
     */
    async cancel(id: string): Promise<Payment> {
      await settlement.lock();
      const payment = (await payments.lock(id)) ?? notFound('payment', id);
      if (payment.automatic && payment.status === 'pending')
        throw conflict('payment.settled', 'A card is being charged for this payment, so it cannot be cancelled.');
      if (payment.status !== 'pending' && payment.status !== 'cancelled')
        throw conflict('payment.settled', `The payment is ${payment.status}; only a pending one can be cancelled.`);
      await payments.change(id, { status: 'cancelled', updatedAt: now() });
      return { ...payment, status: 'cancelled' };
    },

    find: async (id: string): Promise<Payment> => (await payments.find(id)) ?? notFound('payment', id),
    list: (limit: number, cursor: string | undefined): Promise<Payment[]> =>
      payments.list(limit + 1, sameMoment(cursor)),
  };
};
export type PaymentService = ReturnType<typeof createPaymentService>;
