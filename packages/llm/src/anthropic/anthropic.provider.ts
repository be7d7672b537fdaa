import type Anthropic from '@anthropic-ai/sdk';
import type { StopReason } from '@anthropic-ai/sdk/resources/messages';
import type { ChatEvent, ChatProvider, FinishReason } from '../chat.ts';
import { toProviderError } from '../api.failure.ts';
import { ProviderError, tookTooLong } from '../provider.error.ts';
import { openWithin } from '../resilience/deadline.ts';
import { parseToolArguments } from '../tool.arguments.ts';
import { toMessagesBody } from './anthropic.messages.ts';
import { createUsageCount } from './anthropic.usage.ts';

export interface AnthropicConfig {
  apiKey: string;
  /** Anthropic's own by default. */
  baseUrl?: string;
  /** How long the server may take to answer with headers. */
  connectMs?: number;
}

const BASE_URL = 'https://api.anthropic.com';
const CONNECT_MS = 30_000;

/** Anthropic's Messages API, streamed. It never retries by itself. */
export const createAnthropicProvider = (config: AnthropicConfig & { name?: string }): ChatProvider => {
  const name = config.name ?? 'anthropic';
  const connectMs = config.connectMs ?? CONNECT_MS;
  const client = lazyClient(config, connectMs);

  return {
    name,
    async *stream(request, { signal } = {}): AsyncGenerator<ChatEvent> {
      signal?.throwIfAborted();
      const usage = createUsageCount();
      const tools = new Map<number, { id: string; name: string; text: string }>();
      let stopReason: StopReason | null = null;
      let complete = false;
      try {
        const { messages } = await client();
        const events = await openWithin(
          connectMs,
          signal,
          (followed) => messages.create(toMessagesBody(request), { signal: followed }),
          () => tookTooLong(name, connectMs, 'to accept the request'),
        );
        // Event and delta types that are not named here are left out on purpose: the API adds new ones.
        for await (const event of events) {
          if (event.type === 'message_start') usage.update(event.message.usage);
          else if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
            tools.set(event.index, { id: event.content_block.id, name: event.content_block.name, text: '' });
          } else if (event.type === 'content_block_delta') {
            const tool = tools.get(event.index);
            if (event.delta.type === 'text_delta' && event.delta.text !== '') {
              yield { type: 'text', text: event.delta.text };
            } else if (event.delta.type === 'input_json_delta' && tool) tool.text += event.delta.partial_json;
          } else if (event.type === 'content_block_stop') {
            const tool = tools.get(event.index);
            if (tool) yield { type: 'tool_call', id: tool.id, name: tool.name, ...parseToolArguments(tool.text) };
          } else if (event.type === 'message_delta') {
            usage.update(event.usage);
            stopReason = event.delta.stop_reason ?? stopReason;
          } else if (event.type === 'message_stop') complete = true;
        }
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw toProviderError(name, error);
      }
      // The client ends an aborted stream without a word.
      signal?.throwIfAborted();
      if (!complete) {
        throw new ProviderError('network', name, `${name}: the answer ended before it was complete. Try again.`);
      }
      yield { type: 'usage', provider: name, model: request.model, ...usage.total() };
      yield { type: 'finish', reason: toReason(stopReason) };
    },
  };
};

const lazyClient = (config: AnthropicConfig, timeout: number): (() => Promise<Anthropic>) => {
  let client: Promise<Anthropic> | undefined;
  const load = async () => {
    const { Anthropic: Client } = await import('@anthropic-ai/sdk');
    return new Client({
      apiKey: config.apiKey,
      baseURL: config.baseUrl ?? BASE_URL,
      timeout,
      maxRetries: 0,
    });
  };
  return () => (client ??= load());
};

const toReason = (reason: StopReason | null): FinishReason => {
  if (reason === 'tool_use') return 'tool_calls';
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'content_filter' : 'stop';
};
