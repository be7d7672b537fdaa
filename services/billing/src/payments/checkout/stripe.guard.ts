import type { Breaker } from '@atrium/resilience';
import type Stripe from 'stripe';

/** What stands for Stripe while it is left alone: an answer of its kind that says not to ask again just now. */
const away: Stripe.HttpClientResponse = {
  getStatusCode: () => 503,
  getHeaders: () => ({ 'stripe-should-retry': 'false' }),
  getRawResponse: () => undefined,
  toStream: () => undefined,
  toJSON: () => Promise.resolve({ error: { type: 'api_error', message: 'Stripe does not answer and is left alone.' } }),
};

/**
 * Leaves Stripe alone while it keeps failing, so that nobody waits for the timeouts of all of their client's tries. An
 * answer below 500 is Stripe's word on the request; anything else means that it is not there.
 */
export const guardStripe = (client: Stripe.HttpClient, breaker: Breaker, now: () => number): Stripe.HttpClient => ({
  getClientName: () => client.getClientName(),
  async makeRequest(...request) {
    const attempt = breaker.begin(now());
    if (typeof attempt === 'number') return away;
    try {
      const answer = await client.makeRequest(...request);
      if (answer.getStatusCode() < 500) attempt.succeeded();
      else attempt.failed(now());
      return answer;
    } catch (error) {
      attempt.failed(now());
      throw error;
    }
  },
});
