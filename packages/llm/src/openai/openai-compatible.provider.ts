import type { CompletionUsage } from 'openai/resources/completions';
import type { ChatEvent, ChatProvider, FinishReason, Usage } from '../chat.ts';
import { toProviderError } from '../api.failure.ts';
import { ProviderError, tookTooLong } from '../provider.error.ts';
import { openWithin } from '../resilience/deadline.ts';
import { estimateUsage } from '../usage.ts';
import { capabilitiesOf } from './openai.capabilities.ts';
import { CONNECT_MS, lazyOpenAiClient, OPENAI_BASE_URL } from './openai.client.ts';
import type { OpenAiConfig } from './openai.client.ts';
import { toCompletionBody } from './openai.messages.ts';
import { createToolCallAssembly } from './tool-call.parts.ts';

/**
 * Chat Completions of OpenAI and of every server that speaks its protocol (Gemini, Groq, Mistral, DeepSeek, OpenRouter,
 * Ollama, vLLM, LM Studio, Azure), streamed. It never retries by itself.
 */
export const createOpenAiCompatibleProvider = (config: OpenAiConfig & { name?: string }): ChatProvider => {
  const name = config.name ?? 'openai';
  const client = lazyOpenAiClient(config, 0);
  const connectMs = config.connectMs ?? CONNECT_MS;
  const capabilities = capabilitiesOf(config.baseUrl ?? OPENAI_BASE_URL);

  return {
    name,
    async *stream(request, { signal } = {}): AsyncGenerator<ChatEvent> {
      signal?.throwIfAborted();
      const assembly = createToolCallAssembly();
      let text = '';
      let usage: Usage | undefined;
      let finish: string | undefined;
      try {
        const { chat } = await client();
        const body = toCompletionBody(request, capabilities);
        const chunks = await openWithin(
          connectMs,
          signal,
          (followed) => chat.completions.create(body, { signal: followed }),
          () => tookTooLong(name, connectMs, 'to accept the request'),
        );
        for await (const chunk of chunks) {
          if (chunk.usage) usage = toUsage(chunk.usage);
          const choice = chunk.choices?.[0];
          if (!choice) continue;
          for (const part of choice.delta?.tool_calls ?? []) assembly.add(part);
          const piece = choice.delta?.content ?? choice.delta?.refusal;
          if (piece) {
            text += piece;
            yield { type: 'text', text: piece };
          }
          if (choice.finish_reason) finish = choice.finish_reason;
        }
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw toProviderError(name, error);
      }
      // The client ends an aborted stream without a word.
      signal?.throwIfAborted();
      if (finish === undefined) throw endedEarly(name);

      const toolCalls = assembly.finish();
      for (const call of toolCalls) yield { type: 'tool_call', ...call };
      usage ??= await estimateUsage(request, { text, toolCalls });
      yield { type: 'usage', provider: name, model: request.model, ...usage };
      yield { type: 'finish', reason: toReason(finish, toolCalls.length > 0) };
    },
  };
};

const endedEarly = (name: string) =>
  new ProviderError('network', name, `${name}: the answer ended before it was complete. Try again.`);

const toUsage = (usage: CompletionUsage): Usage => ({
  inputTokens: usage.prompt_tokens ?? 0,
  cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
  outputTokens: usage.completion_tokens ?? 0,
  estimated: false,
});

const toReason = (reason: string, hasToolCalls: boolean): FinishReason => {
  if (reason === 'length' || reason === 'content_filter') return reason;
  // Some servers end a message of tool calls with `stop`.
  return hasToolCalls ? 'tool_calls' : 'stop';
};
