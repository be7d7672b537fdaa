import { afterEach, describe, expect, it } from '@jest/globals';
import { createGate, startFakeAnthropic } from '@atrium/testing';
import type { FakeAnthropic, FakeScript } from '@atrium/testing';
import { createAnthropicProvider } from '../src/index.ts';
import { collect, request } from './collect.ts';

let fake: FakeAnthropic;
afterEach(() => fake.close());

const start = async (script?: FakeScript) => {
  fake = await startFakeAnthropic(script ? { script } : {});
  return createAnthropicProvider({ apiKey: 'key-1', baseUrl: fake.baseUrl });
};

describe('Anthropic', () => {
  it('is asked in its own format, with all tool answers of a turn in one message', async () => {
    const provider = await start();
    await collect(
      provider,
      request({
        system: 'Be kind',
        messages: [
          { role: 'user', content: 'Find two slots' },
          {
            role: 'assistant',
            content: 'Looking',
            toolCalls: [
              { id: 'c1', name: 'find_slot', arguments: { day: 'mon' } },
              { id: 'c2', name: 'find_slot', arguments: { day: 'tue' } },
            ],
          },
          { role: 'tool', toolCallId: 'c1', content: '10:00' },
          { role: 'tool', toolCallId: 'c2', content: 'closed', isError: true },
        ],
        tools: [{ name: 'find_slot', description: 'Finds a slot', parameters: { type: 'object' } }],
      }),
    );
    expect(fake.requests[0]?.headers['authorization']).toBe('Bearer key-1');
    // An update of the client that speaks another version is looked at, and does not slip in.
    expect(fake.requests[0]?.headers['anthropic-version']).toBe('2026-10-21');
    expect(fake.requests[0]?.body).toEqual({
      model: 'test-model',
      max_tokens: 4096,
      system: 'Be kind',
      stream: true,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Find two slots' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Looking' },
            { type: 'tool_use', id: 'c1', name: 'find_slot', input: { day: 'mon' } },
            { type: 'tool_use', id: 'c2', name: 'find_slot', input: { day: 'tue' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: '10:00' },
            { type: 'tool_result', tool_use_id: 'c2', content: 'closed', is_error: true },
          ],
        },
      ],
      tools: [{ name: 'find_slot', description: 'Finds a slot', input_schema: { type: 'object' } }],
    });
  });

  it('is not sent the sampling parameters it refuses', async () => {
    const provider = await start();
    const events = await collect(provider, request({ temperature: 0.2 }));
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
    expect(fake.requests[0]?.body).not.toHaveProperty('temperature');
  });

  it('answers with text and tool calls, and usage that is not added up twice', async () => {
    const provider = await start([
      {
        chunks: ['Bom ', 'dia'],
        toolCalls: [{ id: 't1', name: 'find_slot', arguments: { day: 'segunda-feira' } }],
        usage: { input: 20, output: 17, cached: 8 },
      },
    ]);
    expect(await collect(provider)).toEqual([
      { type: 'text', text: 'Bom ' },
      { type: 'text', text: 'dia' },
      { type: 'tool_call', id: 't1', name: 'find_slot', arguments: { day: 'segunda-feira' } },
      {
        type: 'usage',
        provider: 'anthropic',
        model: 'test-model',
        inputTokens: 20,
        cachedInputTokens: 8,
        outputTokens: 17,
        estimated: false,
      },
      { type: 'finish', reason: 'tool_calls' },
    ]);
  });

  it.each([
    ['auth', false, { status: 401, type: 'authentication_error' }],
    ['rate_limited', true, { status: 429, type: 'rate_limit_error', retryAfter: 1 }],
    ['overloaded', true, { status: 529, type: 'overloaded_error' }],
    ['overloaded', true, { status: 500, type: 'api_error' }],
    ['context_length', false, { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' }],
    ['invalid_request', false, { status: 400, message: 'max_tokens: must be greater than 0' }],
  ] as const)('refuses: %s, worth another try: %s', async (kind, retryable, refusal) => {
    const provider = await start([refusal]);
    await expect(collect(provider)).rejects.toMatchObject({ kind, retryable, provider: 'anthropic' });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['network', { chunks: ['one', 'two'], cutAfter: 1 }],
    ['network', { chunks: ['one', 'two'], endAfter: 1 }],
    ['overloaded', { chunks: ['one', 'two'], errorAfter: 1 }],
  ])('breaks in the middle: %s', async (kind, reply) => {
    const provider = await start([reply]);
    await expect(collect(provider)).rejects.toMatchObject({ name: 'ProviderError', kind });
  });

  it('is given up when it does not even send headers', async () => {
    fake = await startFakeAnthropic({ script: [{ hang: 'before_headers' }] });
    const provider = createAnthropicProvider({ apiKey: 'key-1', baseUrl: fake.baseUrl, connectMs: 50 });
    await expect(collect(provider)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
    await fake.requests[0]?.closed;
  });

  it('gives the first token at once and ends the request when it is aborted', async () => {
    const provider = await start([{ chunks: ['first', 'second'], gate: createGate() }]);
    const abort = new AbortController();
    const events = provider.stream(request(), { signal: abort.signal })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: 'text', text: 'first' });
    abort.abort(new Error('the reader left'));
    await expect(events.next()).rejects.toThrow('the reader left');
    await fake.requests[0]?.closed;
  });
});
