import { setTimeout as pause } from 'node:timers/promises';
import type { ChatEvent, ChatProvider, ChatRequest } from '../chat.ts';
import { toProviderError } from '../api.failure.ts';
import { ProviderError, tookTooLong } from '../provider.error.ts';
import type { ProviderErrorKind } from '../provider.error.ts';
import { createRetryBudget, type RetryBudget } from '@atrium/resilience';
import { createBreakers } from './breaker.ts';
import type { BreakerRules } from './breaker.ts';
import { within } from './deadline.ts';
import { retryDelay } from './retry.ts';
import type { RetryRules } from './retry.ts';

/** A provider to ask, and the model to ask it for when it is not the request's own. */
export interface Target {
  provider: ChatProvider;
  model?: string;
}

export interface ResilienceOptions {
  retry?: Partial<RetryRules>;
  breaker?: Partial<BreakerRules>;
  /** How long until the first event of an answer. */
  firstTokenMs?: number;
  /** How long between two events of an answer. */
  idleMs?: number;
  /** From 0 up to 1, for the pauses between tries. */
  random?: () => number;
}

interface Opened {
  first: IteratorResult<ChatEvent>;
  rest: AsyncIterator<ChatEvent>;
  controller: AbortController;
}

const DEFAULTS = {
  retry: { attempts: 3, baseMs: 500, maxMs: 8_000 },
  breaker: { failures: 5, pauseMs: 5_000 },
  firstTokenMs: 60_000,
  idleMs: 45_000,
};

/** The request itself is at fault: another try or another provider would say the same. */
const FINAL: readonly ProviderErrorKind[] = ['invalid_request', 'context_length'];

/**
 * Makes chains of providers that share one circuit breaker for each provider. A chain asks its targets in order, each a
 * few times with growing pauses, until one begins to answer. From the first event on there is no other try, so no
 * token comes twice: a stream that breaks then throws.
 */
export const createResilience = (options: ResilienceOptions = {}) => {
  const retry = { ...DEFAULTS.retry, ...options.retry };
  const guarded = createBreakers({ ...DEFAULTS.breaker, ...options.breaker });
  const { firstTokenMs = DEFAULTS.firstTokenMs, idleMs = DEFAULTS.idleMs, random = Math.random } = options;

  const open = async ({ provider, model }: Target, request: ChatRequest, signal?: AbortSignal): Promise<Opened> => {
    const controller = new AbortController();
    const inner = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    const rest = provider.stream(model ? { ...request, model } : request, { signal: inner })[Symbol.asyncIterator]();
    try {
      const first = await within(rest.next(), firstTokenMs, () =>
        tookTooLong(provider.name, firstTokenMs, 'to begin an answer'),
      );
      return { first, rest, controller };
    } catch (error) {
      controller.abort(error);
      throw signal?.aborted ? signal.reason : toProviderError(provider.name, error);
    }
  };

  const budgets = new WeakMap<ChatProvider, RetryBudget>();
  const budgetOf = (provider: ChatProvider): RetryBudget => {
    const budget = budgets.get(provider) ?? createRetryBudget();
    budgets.set(provider, budget);
    return budget;
  };

  const openWithRetries = async (target: Target, request: ChatRequest, signal?: AbortSignal): Promise<Opened> => {
    const budget = budgetOf(target.provider);
    budget.earn();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await guarded(target.provider, () => open(target, request, signal));
      } catch (error) {
        const delay = error instanceof ProviderError ? retryDelay(error, attempt, retry, random()) : undefined;
        if (delay === undefined || !budget.spend()) throw error;
        await pause(delay, undefined, signal ? { signal } : {});
      }
    }
  };

  return (targets: readonly [Target, ...Target[]]): ChatProvider => ({
    name: targets[0].provider.name,
    async *stream(request, { signal } = {}) {
      let failure: unknown;
      for (const target of targets) {
        let opened: Opened;
        try {
          signal?.throwIfAborted();
          opened = await openWithRetries(target, request, signal);
        } catch (error) {
          if (signal?.aborted) throw signal.reason;
          if (!(error instanceof ProviderError) || FINAL.includes(error.kind)) throw error;
          failure ??= error;
          continue;
        }
        yield* relay(opened, target.provider, idleMs, signal);
        return;
      }
      throw failure;
    },
  });
};

/** One chain with circuit breakers of its own; see `createResilience`. */
export const resilient = (targets: readonly [Target, ...Target[]], options?: ResilienceOptions): ChatProvider =>
  createResilience(options)(targets);

async function* relay(
  { first, rest, controller }: Opened,
  provider: ChatProvider,
  idleMs: number,
  signal?: AbortSignal,
): AsyncGenerator<ChatEvent> {
  try {
    for (let next = first; !next.done;) {
      yield next.value;
      next = await within(rest.next(), idleMs, () =>
        tookTooLong(provider.name, idleMs, 'between two parts of an answer'),
      );
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : toProviderError(provider.name, error);
  } finally {
    // Ends the request when the reader left early or the provider fell silent; after a whole answer it does nothing.
    controller.abort();
  }
}
