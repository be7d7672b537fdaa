import type { ProviderError } from '../provider.error.ts';

/** How often and how patiently one provider is asked again. */
export interface RetryRules {
  /** Tries of one provider, the first included. */
  attempts: number;
  baseMs: number;
  /** The longest pause; a provider that asks for a longer one is left for the next in the chain. */
  maxMs: number;
}

/**
 * The pause before the next try, or undefined when there should be none. Half of the exponential pause is random, so
 * clients that failed together do not come back together; what the provider asked for is the least.
 * @param attempt tries already made, from 1
 * @param random from 0 up to 1
 */
export const retryDelay = (
  error: Pick<ProviderError, 'retryable' | 'retryAfterMs'>,
  attempt: number,
  rules: RetryRules,
  random: number,
): number | undefined => {
  if (!error.retryable || attempt >= rules.attempts) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > rules.maxMs) return undefined;
  const step = Math.min(rules.maxMs, rules.baseMs * 2 ** (attempt - 1));
  return Math.min(rules.maxMs, Math.max(asked, step / 2 + (step / 2) * random));
};
