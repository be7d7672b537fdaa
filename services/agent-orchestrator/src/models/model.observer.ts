import { ProviderError, type ChatProvider, type ChatRequest, type Usage } from '@atrium/llm';
import { currentContext, type Metrics } from '@atrium/service-kit';

/** Workspaces name the models of their agents; beyond this many names the rest share one label. */
const MOST_MODELS = 100;
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** How a call ended: `ok`, the kind of the provider's failure, `stopped` from outside, or `failed` in another way. */
const outcomeOf = (error: unknown, signal: AbortSignal | undefined): string => {
  const cause: unknown = signal?.aborted ? signal.reason : error;
  if (cause instanceof ProviderError) return cause.kind;
  return signal?.aborted ? 'stopped' : 'failed';
};

/**
 * Measures every call of a model, tries that are repeated included, and makes a span of it. Neither holds what was
 * asked or answered.
 */
export const createModelObserver = (metrics: Metrics, clock: () => number = () => performance.now()) => {
  const of = ['provider', 'model'] as const;
  const duration = metrics.histogram(
    'model_call_duration_seconds',
    'Time of a model call to its end, by outcome',
    [...of, 'outcome'],
    SECONDS,
  );
  const begun = metrics.histogram('model_first_part_seconds', 'Time to the first part of an answer', [...of], SECONDS);
  const tokens = metrics.counter('model_tokens_total', 'Tokens of model calls; input without those from a cache', [
    ...of,
    'kind',
  ]);
  const names = new Set<string>();
  const labelOf = (model: string): string => {
    if (names.size < MOST_MODELS) names.add(model);
    return names.has(model) ? model : 'other';
  };

  async function* observed(provider: ChatProvider, request: ChatRequest, options: { signal?: AbortSignal }) {
    const { tracing, traceparent } = currentContext() ?? {};
    const about = { provider: provider.name, model: labelOf(request.model) };
    const span = tracing?.begin(`chat ${about.model}`, {
      traceparent,
      kind: 'client',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider.name,
        'gen_ai.request.model': about.model,
      },
    });
    const started = clock();
    const seconds = () => (clock() - started) / 1000;
    let [parts, outcome, failure] = [0, 'stopped', undefined as unknown];
    const note = ({ inputTokens, cachedInputTokens, outputTokens }: Usage): void => {
      tokens.inc({ ...about, kind: 'input' }, inputTokens - cachedInputTokens);
      tokens.inc({ ...about, kind: 'cached' }, cachedInputTokens);
      tokens.inc({ ...about, kind: 'output' }, outputTokens);
      span?.set({ 'gen_ai.usage.input_tokens': inputTokens, 'gen_ai.usage.output_tokens': outputTokens });
    };
    try {
      for await (const event of provider.stream(request, options)) {
        if (parts === 0) begun.observe(about, seconds());
        parts += 1;
        if (event.type === 'usage') note(event);
        // What reads an answer to its end may leave right after this.
        if (event.type === 'finish') outcome = 'ok';
        yield event;
      }
      outcome = 'ok';
    } catch (error) {
      [outcome, failure] = [outcomeOf(error, options.signal), error];
      throw error;
    } finally {
      duration.observe({ ...about, outcome }, seconds());
      span?.set({ 'atrium.model.outcome': outcome });
      span?.end(outcome === 'ok' || outcome === 'stopped' ? undefined : failure);
    }
  }

  return (provider: ChatProvider): ChatProvider => ({
    name: provider.name,
    stream: (request, options = {}) => observed(provider, request, options),
  });
};
