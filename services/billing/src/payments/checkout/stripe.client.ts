import { createBreaker, type BreakerRules } from '@atrium/resilience';
import Stripe from 'stripe';
import { guardStripe } from './stripe.guard.ts';

/**
 * A client of Stripe's API, or of something that speaks like it.
 * @param options.apiUrl where it is, when not at Stripe
 * @param options.breaker when it is left alone
 */
export const createStripe = (options: {
  secretKey: string;
  apiUrl: string | undefined;
  breaker: BreakerRules;
  now: () => number;
}): Stripe => {
  const { secretKey, apiUrl, breaker, now } = options;
  const at = apiUrl === undefined ? undefined : new URL(apiUrl);
  return new Stripe(secretKey, {
    maxNetworkRetries: 2,
    timeout: 10_000,
    telemetry: false,
    httpClient: guardStripe(Stripe.createNodeHttpClient(), createBreaker(breaker), now),
    ...(at
      ? {
          host: at.hostname,
          port: at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port),
          protocol: at.protocol === 'https:' ? 'https' : 'http',
        }
      : {}),
  });
};

/** Of the same key or thing at the same time, and too many at once: both pass. */
const PASSING: readonly (number | undefined)[] = [409, 429];

/** Whether trying again cannot help: Stripe understood the request and refused it. */
export const isRefused = (error: unknown): error is Stripe.errors.StripeError =>
  (error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError) &&
  !PASSING.includes(error.statusCode);

/** Has Stripe forget a card; one that it does not have any more is forgotten. */
export const forgetMethod = async (stripe: Stripe, methodId: string): Promise<void> => {
  await stripe.paymentMethods.detach(methodId).catch((error: unknown) => {
    if (!isRefused(error)) throw error;
  });
};

/** Has Stripe forget a customer with all cards; what was paid stays there as accounting asks. */
export const forgetCustomer = async (stripe: Stripe, customerId: string): Promise<void> => {
  await stripe.customers.del(customerId).catch((error: unknown) => {
    if (!isRefused(error)) throw error;
  });
};
