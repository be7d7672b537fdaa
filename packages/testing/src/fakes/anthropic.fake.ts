import { argumentPieces, chunksOf, usageOf } from './llm.reply.ts';
import type { FakeScript } from './llm.reply.ts';
import { paced, startFakeLlmServer } from './llm.server.ts';
import type { Dialect, FakeLlmServer } from './llm.server.ts';

export interface FakeAnthropic extends FakeLlmServer {
  /** What a client takes as base URL. */
  baseUrl: string;
}

/** A server that speaks Anthropic's Messages API (version 2026-10-21), streamed. */
export const startFakeAnthropic = async (options: { script?: FakeScript } = {}): Promise<FakeAnthropic> => {
  const server = await startFakeLlmServer(dialect, options.script);
  return { ...server, baseUrl: server.url };
};

const STOP_REASONS = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', content_filter: 'refusal' };

const dialect: Dialect = {
  chatPath: '/v1/messages',
  refusal: ({ message = 'The fake refuses', type = 'invalid_request_error' }) => ({
    type: 'error',
    error: { type, message },
  }),

  // As API version 2026-10-21 does, also for their defaults.
  reject: ({ body }) => {
    const refused = ['temperature', 'top_p', 'top_k'].find((field) => field in body);
    return refused === undefined ? undefined : { status: 400, message: `${refused}: Extra inputs are not permitted` };
  },

  async stream(answer, request, send) {
    const event = (type: string, data: Record<string, unknown> = {}) => send({ type, ...data }, type);
    const usage = usageOf(answer) ?? { input: 0, output: 0, cached: 0 };
    const message = { id: 'msg_fake', type: 'message', role: 'assistant', model: request.body['model'], content: [] };
    const input = {
      input_tokens: usage.input - usage.cached,
      cache_read_input_tokens: usage.cached,
      cache_creation_input_tokens: 0,
    };
    await event('message_start', {
      message: { ...message, stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } },
    });
    await event('ping');

    const chunks = chunksOf(answer);
    let index = 0;
    if (chunks.length > 0) {
      await event('content_block_start', { index, content_block: { type: 'text', text: '' } });
      for await (const piece of paced(answer, chunks)) {
        if (typeof piece !== 'string') {
          await event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
          return;
        }
        await event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } });
      }
      await event('content_block_stop', { index });
      index += 1;
    }
    for (const call of answer.toolCalls ?? []) {
      const block = { type: 'tool_use', id: call.id ?? `toolu_${index}`, name: call.name, input: {} };
      await event('content_block_start', { index, content_block: block });
      for (const piece of ['', ...argumentPieces(call)]) {
        await event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } });
      }
      await event('content_block_stop', { index });
      index += 1;
    }
    const reason = STOP_REASONS[answer.finish ?? (answer.toolCalls ? 'tool_calls' : 'stop')];
    await event('message_delta', {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: usage.output },
    });
    await event('message_stop');
  },
};
