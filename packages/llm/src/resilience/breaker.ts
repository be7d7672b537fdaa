import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import type { ChatProvider } from '../chat.ts';
import { ProviderError } from '../provider.error.ts';
import type { ProviderErrorKind } from '../provider.error.ts';

export interface BreakerRules {
  /** Outages in a row after which the provider is left alone. */
  failures: number;
  /** How long, before one request tries it again. */
  pauseMs: number;
}

/** A refusal is an answer: only these say that the provider is down. */
const OUTAGES: readonly ProviderErrorKind[] = ['overloaded', 'timeout', 'network'];

/** One circuit breaker for each provider, kept as long as the provider lives. */
export const createBreakers = (rules: BreakerRules) => {
  const make = () =>
    circuitBreaker(
      handleWhen((error) => error instanceof ProviderError && OUTAGES.includes(error.kind)),
      { halfOpenAfter: rules.pauseMs, breaker: new ConsecutiveBreaker(rules.failures) },
    );
  const breakers = new WeakMap<ChatProvider, ReturnType<typeof make>>();

  /** Does `work` unless the provider is being left alone. */
  return async <T>(provider: ChatProvider, work: () => Promise<T>): Promise<T> => {
    let breaker = breakers.get(provider);
    if (!breaker) {
      breaker = make();
      breakers.set(provider, breaker);
    }
    try {
      return await breaker.execute(work);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const message = `${provider.name}: left alone for up to ${rules.pauseMs / 1000} s after ${rules.failures} failures in a row. Try again later or add a fallback model.`;
      throw new ProviderError('overloaded', provider.name, message, { retryable: false, cause: error });
    }
  };
};
