import { argumentPieces, chunksOf, usageOf } from './llm.reply.ts';
import type { FakeAnswer, FakeRequest, FakeScript } from './llm.reply.ts';
import { paced, startFakeLlmServer } from './llm.server.ts';
import type { Dialect, FakeLlmServer } from './llm.server.ts';

export interface FakeOpenAi extends FakeLlmServer {
  /** What a client takes as base URL. */
  baseUrl: string;
}

/**
 * A server that speaks OpenAI's Chat Completions (streamed and whole) and Embeddings. Its vectors are made from the
 * text, so equal texts have equal vectors; it answers base64 when asked for it, unless `ignoreBase64`.
 */
export const startFakeOpenAi = async (
  options: { script?: FakeScript; dimensions?: number; ignoreBase64?: boolean } = {},
): Promise<FakeOpenAi> => {
  const server = await startFakeLlmServer(
    dialectOf(options.dimensions ?? 8, options.ignoreBase64 ?? false),
    options.script,
  );
  return { ...server, baseUrl: `${server.url}/v1` };
};

const dialectOf = (dimensions: number, ignoreBase64: boolean): Dialect => ({
  chatPath: '/v1/chat/completions',
  refusal: ({ message = 'The fake refuses', type = 'invalid_request_error', code = null }) => ({
    error: { message, type, param: null, code },
  }),

  async stream(answer, request, send) {
    const includeUsage = (request.body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage;
    const base = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 1, model: request.body['model'] };
    const chunk = (delta: unknown, finish: string | null = null) =>
      send({
        ...base,
        choices: [{ index: 0, delta, finish_reason: finish }],
        ...(includeUsage ? { usage: null } : {}),
      });

    await chunk({ role: 'assistant', content: answer.toolCalls ? null : '' });
    for await (const piece of paced(answer, chunksOf(answer))) {
      if (typeof piece !== 'string') {
        await send({ error: { message: 'The fake failed', type: 'server_error', param: null, code: null } });
        return;
      }
      await chunk({ content: piece });
    }
    for (const [index, call] of (answer.toolCalls ?? []).entries()) {
      const id = call.id ?? `call_${index + 1}`;
      await chunk({ tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }] });
      for (const piece of argumentPieces(call)) {
        await chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
      }
    }
    await chunk({}, finishOf(answer));
    const usage = toUsage(answer);
    if (includeUsage && usage) await send({ ...base, choices: [], usage });
    await send('[DONE]');
  },

  whole: (answer, request) => ({
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1,
    model: request.body['model'],
    choices: [{ index: 0, message: wholeMessage(answer), finish_reason: finishOf(answer) }],
    usage: toUsage(answer) ?? undefined,
  }),

  other: (request) => (request.path === '/v1/embeddings' ? embeddings(request, dimensions, ignoreBase64) : undefined),
});

const finishOf = (answer: FakeAnswer) => answer.finish ?? (answer.toolCalls ? 'tool_calls' : 'stop');

const wholeMessage = (answer: FakeAnswer) => ({
  role: 'assistant',
  content: answer.toolCalls ? null : chunksOf(answer).join(''),
  ...(answer.toolCalls
    ? {
        tool_calls: answer.toolCalls.map((call, index) => ({
          id: call.id ?? `call_${index + 1}`,
          type: 'function',
          function: { name: call.name, arguments: argumentPieces(call).join('') },
        })),
      }
    : {}),
});

const toUsage = (answer: FakeAnswer) => {
  const usage = usageOf(answer);
  return (
    usage && {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached },
    }
  );
};

const embeddings = (request: FakeRequest, dimensions: number, ignoreBase64: boolean) => {
  const { input, model, encoding_format: format } = request.body;
  const texts = Array.isArray(input) ? input.map(String) : [String(input)];
  const length = typeof request.body['dimensions'] === 'number' ? request.body['dimensions'] : dimensions;
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, length);
    const embedding = format === 'base64' && !ignoreBase64 ? toBase64(vector) : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = Math.ceil(texts.join('').length / 4);
  // Reversed: a client must go by the index, not by the order.
  return {
    status: 200,
    body: { object: 'list', data: data.toReversed(), model, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  };
};

const vectorOf = (text: string, length: number): number[] =>
  Array.from(
    { length },
    (_, place) =>
      [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0) * (place + 1)) % 997, place + 1) / 997,
  );

const toBase64 = (vector: number[]): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, place) => bytes.writeFloatLE(value, place * 4));
  return bytes.toString('base64');
};
