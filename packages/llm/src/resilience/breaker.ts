import { createBreaker, throughBreaker, type Breaker } from '@atrium/resilience';
import type { ChatProvider } from '../chat.ts';
import { ProviderError } from '../provider.error.ts';
import type { ProviderErrorKind } from '../provider.error.ts';

export interface BreakerRules {
  /** Outages in a row after which the provider is left alone. */
  failures: number;
  /** How long, before one request tries it again; and how long until the next one may, while that one hangs. */
  pauseMs: number;
}

/** A refusal is an answer: only these say that the provider is down. */
const OUTAGES: readonly ProviderErrorKind[] = ['overloaded', 'timeout', 'network'];

/** One circuit breaker for each provider, kept as long as the provider lives. */
export const createBreakers = ({ failures, pauseMs }: BreakerRules) => {
  const breakers = new WeakMap<ChatProvider, Breaker>();

  /** Does `work` unless the provider is being left alone. */
  return <T>(provider: ChatProvider, work: () => Promise<T>): Promise<T> => {
    const breaker = breakers.get(provider) ?? createBreaker({ failures, openMs: pauseMs });
    breakers.set(provider, breaker);
    return throughBreaker(breaker, work, {
      now: () => performance.now(),
      tells: (error) => (!(error instanceof ProviderError) ? 'nothing' : OUTAGES.includes(error.kind) ? 'down' : 'up'),
      refuse: (waitMs) => {
        const message = `${provider.name}: left alone for up to ${Math.ceil(waitMs / 100) / 10} s after ${failures} failures in a row. Try again later or add a fallback model.`;
        return new ProviderError('overloaded', provider.name, message, { retryable: false });
      },
    });
  };
};
