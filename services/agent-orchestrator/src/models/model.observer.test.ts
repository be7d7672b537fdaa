import { describe, expect, it } from '@jest/globals';
import { ProviderError, type ChatEvent, type ChatProvider, type ChatRequest } from '@atrium/llm';
import { createMetrics, untraced, withContext, type Tracing } from '@atrium/service-kit';
import { createModelObserver } from './model.observer.ts';

const request: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'a canary' }] };
const usage = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 3, estimated: false };
const provider = (stream: ChatProvider['stream']): ChatProvider => ({ name: 'openai', stream });
const answering = provider(async function* () {
  yield { type: 'text', text: 'a canary sings' };
  yield { type: 'usage', provider: 'openai', model: 'm', ...usage };
  yield { type: 'finish', reason: 'stop' };
});

/** Histograms put the default label first, counters last. */
const line = (name: string, labels: string, value: number): string =>
  name.endsWith('_total') ? `${name}{${labels},service="test"} ${value}` : `${name}{service="test",${labels}} ${value}`;

const setUp = () => {
  let at = 0;
  const metrics = createMetrics('test');
  const observe = createModelObserver(metrics, () => (at += 1_000));
  const listen = async (from: ChatProvider, asked = request, signal?: AbortSignal): Promise<ChatEvent[]> => {
    const events: ChatEvent[] = [];
    for await (const event of observe(from).stream(asked, signal ? { signal } : {})) events.push(event);
    return events;
  };
  return { listen, observe, text: () => metrics.registry.metrics() };
};

describe('an observed model', () => {
  it('answers as before and leaves its time and tokens, but not its words', async () => {
    const { listen, text } = setUp();
    expect(await listen(answering)).toHaveLength(3);
    const metrics = await text();
    expect(metrics).toContain(line('model_call_duration_seconds_count', 'provider="openai",model="m",outcome="ok"', 1));
    expect(metrics).toContain(line('model_first_part_seconds_sum', 'provider="openai",model="m"', 1));
    expect(metrics).toContain(line('model_tokens_total', 'provider="openai",model="m",kind="input"', 6));
    expect(metrics).toContain(line('model_tokens_total', 'provider="openai",model="m",kind="cached"', 4));
    expect(metrics).toContain(line('model_tokens_total', 'provider="openai",model="m",kind="output"', 3));
    expect(metrics).not.toContain('canary');
  });

  it('that fails is counted by the kind of failure, one that was stopped as stopped', async () => {
    const { listen, observe, text } = setUp();
    const limited = provider(async function* () {
      throw new ProviderError('rate_limited', 'openai', 'later');
    });
    await expect(listen(limited)).rejects.toThrow('later');
    const stopped = AbortSignal.abort(new Error('cancelled'));
    const aborted = provider(async function* () {
      throw new Error('aborted');
    });
    await expect(listen(aborted, request, stopped)).rejects.toThrow('aborted');
    for await (const _event of observe(answering).stream(request)) break;
    const metrics = await text();
    expect(metrics).toContain(
      line('model_call_duration_seconds_count', 'provider="openai",model="m",outcome="rate_limited"', 1),
    );
    expect(metrics).toMatch(/model_call_duration_seconds_count\{[^}]*outcome="stopped"[^}]*\} 2/);
  });

  it('has a label of its own only while there are few', async () => {
    const { listen, text } = setUp();
    for (let at = 0; at < 120; at += 1) await listen(answering, { ...request, model: `model-${at}` });
    const metrics = await text();
    expect(metrics).toMatch(/model_call_duration_seconds_count\{[^}]*model="other"[^}]*\} 20/);
    expect(metrics).not.toContain('model-100"');
  });

  it('is a span of what asked for it', async () => {
    const { listen } = setUp();
    const seen: unknown[] = [];
    const tracing: Tracing = {
      ...untraced,
      begin(name, options) {
        seen.push(name, options?.kind, options?.traceparent);
        return { ...untraced.begin(name), set: (attributes) => void seen.push(attributes) };
      },
    };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await withContext({ requestId: 'one', traceparent, operation: 'run.execute', tracing }, () => listen(answering));
    expect(seen.slice(0, 3)).toEqual(['chat m', 'client', traceparent]);
    expect(seen).toContainEqual({ 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 3 });
    expect(JSON.stringify(seen)).not.toContain('canary');
  });
});
