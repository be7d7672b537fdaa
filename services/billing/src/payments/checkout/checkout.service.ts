import { createHash } from 'node:crypto';
import { conflict, DomainError, invalid, unavailable, type Tenant, type Transactional } from '@atrium/service-kit';
import type Stripe from 'stripe';
import { toWire } from '../../ledger/money.ts';
import type { ProfileService } from '../../profile/profile.service.ts';
import type { PaymentService, Quote } from '../payment.service.ts';
import type { Plans } from '../plan.port.ts';
import { isRefused } from './stripe.client.ts';

/** What a checkout is made from inside a transaction. */
export interface CheckoutUnit {
  readonly payments: PaymentService;
  readonly profile: ProfileService;
  readonly plans: Plans;
}

/** A top-up that Stripe knows of and that is to be noted here. */
export interface BegunTopUp {
  readonly id: string;
  readonly quote: Quote;
  readonly customer: string;
  readonly session: Pick<Stripe.Checkout.Session, 'id' | 'url'>;
}

/** The same caller and key always mean the same payment, so a repeated request finds the checkout it began. */
const paymentIdFor = (tenant: Tenant, key: string): string => {
  const hash = createHash('sha256').update(`${tenant.workspaceId}:${tenant.userId}:${key}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
};

/** @throws DomainError 422 for what Stripe refuses, 503 when it does not answer */
const asked = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'StripeIdempotencyError')
      throw invalid('idempotency.mismatch', 'This Idempotency-Key was used for a different request.');
    if (isRefused(error))
      throw new DomainError('payment.refused', 422, 'The payment provider refused this payment.', { cause: error });
    throw unavailable('payment.provider_unavailable', 'The payment provider is not answering. Try again.', 5, error);
  }
};

const linesFor = (name: string, { charge, currency }: Quote, recurring?: { interval: 'month' | 'year' }) => {
  const line = (label: string, amount: bigint) => ({
    quantity: 1,
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: toWire(amount),
      product_data: { name: label },
      ...(recurring ? { recurring } : {}),
    },
  });
  const added = charge.taxes.filter(({ inclusive, amount }) => !inclusive && amount > 0n);
  return [
    line(name, charge.price),
    ...added.map((tax) => line(`${tax.name} ${(tax.rate / 100).toFixed(2)} %`, tax.amount)),
  ];
};

/** Sends people to Stripe to pay. Stripe is asked outside of transactions, always with a key of ours. */
export const createCheckout = (parts: {
  stripe: Stripe;
  units: Transactional<CheckoutUnit>;
  returnUrl: string;
  newId: () => string;
}) => {
  const { stripe, units, returnUrl, newId } = parts;

  const customerFor = async (
    tenant: Tenant,
    { customerId, email }: Pick<Quote, 'customerId' | 'email'>,
  ): Promise<string> => {
    if (customerId !== null) return customerId;
    const { workspaceId } = tenant;
    const customer = await asked(() =>
      stripe.customers.create(
        { metadata: { workspaceId }, ...(email === null ? {} : { email }) },
        { idempotencyKey: `customer:${workspaceId}:${email ?? ''}` },
      ),
    );
    return customer.id;
  };

  const back = (how: string): string => {
    const url = new URL(returnUrl);
    url.searchParams.set('checkout', how);
    return url.href;
  };
  const pages = { success_url: back('done'), cancel_url: back('cancelled') };

  return {
    /** Begins a top-up. @param key the caller's Idempotency-Key */
    async topUp(
      tenant: Tenant & { userId: string },
      price: bigint,
      currency: string | undefined,
      key?: string,
    ): Promise<BegunTopUp> {
      const quote = await units.read(tenant, ({ payments }) => payments.quoteTopUp(price, currency));
      const id = key === undefined ? newId() : paymentIdFor(tenant, key);
      const metadata = { workspaceId: tenant.workspaceId, paymentId: id };
      const customer = await customerFor(tenant, quote);
      const session = await asked(() =>
        stripe.checkout.sessions.create(
          {
            ...{ mode: 'payment', customer, client_reference_id: id, metadata, ...pages },
            line_items: linesFor('Credit', quote),
            payment_intent_data: { metadata },
          },
          { idempotencyKey: `checkout:${id}` },
        ),
      );
      return { id, quote, customer, session };
    },

    /** Begins a subscription; its payments come with Stripe's invoices. @returns where to pay */
    async subscribe(tenant: Tenant & { userId: string }, plan: string, key = newId()): Promise<string> {
      const { offer, quote } = await units.read(tenant, async ({ payments, plans }) => {
        const found = await plans.offer(plan);
        if (!found) throw new DomainError('plan.not_found', 404, `There is no plan ${plan} to pay for.`);
        return { offer: found, quote: await payments.quotePlan(found.price) };
      });
      const customer = await customerFor(tenant, quote);
      const metadata = { workspaceId: tenant.workspaceId, plan, priceCents: quote.charge.price.toString() };
      const session = await asked(() =>
        stripe.checkout.sessions.create(
          {
            ...{ mode: 'subscription', customer, metadata, ...pages },
            line_items: linesFor(offer.name, quote, { interval: offer.interval }),
            subscription_data: { metadata },
          },
          { idempotencyKey: `subscribe:${paymentIdFor(tenant, key)}` },
        ),
      );
      if (quote.customerId === null) await units.run(tenant, ({ profile }) => profile.remember(customer));
      return session.url ?? returnUrl;
    },

    /** Begins to save a card that may be charged without its owner. @returns where */
    async saveCard(tenant: Tenant & { userId: string }, key = newId()): Promise<string> {
      const known = await units.read(tenant, ({ profile }) => profile.read());
      const { currency, customerId } = known;
      const customer = await customerFor(tenant, { customerId, email: known.buyer.email });
      const metadata = { workspaceId: tenant.workspaceId, userId: tenant.userId };
      const session = await asked(() =>
        stripe.checkout.sessions.create(
          {
            ...{ mode: 'setup', customer, currency: currency.toLowerCase(), metadata, ...pages },
            allowed_payment_method_types: ['card'],
          },
          { idempotencyKey: `card:${paymentIdFor(tenant, key)}` },
        ),
      );
      if (customerId === null) await units.run(tenant, ({ profile }) => profile.remember(customer));
      return session.url ?? returnUrl;
    },

    /** Where the workspace's people manage their cards and subscription. */
    async portal(tenant: Tenant): Promise<string> {
      const { customerId } = await units.read(tenant, ({ profile }) => profile.read());
      if (customerId === null)
        throw new DomainError(
          'payment.no_customer',
          409,
          'Nothing was paid by card yet, so there is nothing to manage.',
        );
      const session = await asked(() =>
        stripe.billingPortal.sessions.create({ customer: customerId, return_url: returnUrl }),
      );
      return session.url;
    },

    /** Closes a checkout that nobody may pay any more; one that was paid meanwhile stays paid. */
    async close(sessionId: string): Promise<void> {
      await stripe.checkout.sessions.expire(sessionId).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      });
    },
  };
};
export type Checkout = ReturnType<typeof createCheckout>;

/** What somebody may do without Stripe, said where they try. */
export const needed = (checkout: Checkout | undefined): Checkout => {
  if (!checkout)
    throw conflict('payment.manual_only', 'Payments by card are not set up here. An administrator can enter a top-up.');
  return checkout;
};
