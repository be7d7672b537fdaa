import Stripe from 'stripe';

/** A client of Stripe's API, or of something that speaks like it. @param apiUrl where it is, when not at Stripe */
export const createStripe = (secretKey: string, apiUrl: string | undefined): Stripe => {
  const at = apiUrl === undefined ? undefined : new URL(apiUrl);
  return new Stripe(secretKey, {
    maxNetworkRetries: 2,
    timeout: 10_000,
    telemetry: false,
    ...(at
      ? {
          host: at.hostname,
          port: at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port),
          protocol: at.protocol === 'https:' ? 'https' : 'http',
        }
      : {}),
  });
};

/** Whether trying again cannot help: Stripe understood the request and refused it. */
export const isRefused = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError;
