import { AtriumError } from './atrium.error.ts';

/** How often, and how long apart, a request is sent again. */
export interface RetryRules {
  /** Further attempts after the first; 0 for none. */
  readonly times: number;
  /** First pause in milliseconds; it doubles. */
  readonly baseMs: number;
  /** Longest pause in milliseconds; an answer that asks for a longer one is not waited for. */
  readonly maxMs: number;
}

export const RETRY: RetryRules = { times: 2, baseMs: 300, maxMs: 20_000 };

const PASSING = new Set([0, 429, 502, 503, 504]);

/** Whether a refusal may be over in a moment. */
const isPassing = (error: AtriumError): boolean =>
  PASSING.has(error.status) || error.code === 'idempotency.in_progress';

/**
 * How long to wait before the next attempt, or undefined when there is to be none.
 * @param attempt 0 after the first one
 * @param random from 0 to 1; pauses are spread so that clients do not come back all at once
 */
export const pauseBefore = (
  error: unknown,
  attempt: number,
  rules: RetryRules,
  random: () => number,
): number | undefined => {
  if (!(error instanceof AtriumError) || attempt >= rules.times || !isPassing(error)) return undefined;
  const asked = (error.retryAfter ?? 0) * 1000;
  if (asked > rules.maxMs) return undefined;
  return Math.min(rules.maxMs, Math.max(asked, rules.baseMs * 2 ** attempt * (0.5 + random() / 2)));
};

/** @throws the signal's reason when it is aborted meanwhile */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
