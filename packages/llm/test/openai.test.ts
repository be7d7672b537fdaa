import { afterEach, describe, expect, it } from '@jest/globals';
import { createGate, startFakeOpenAi } from '@atrium/testing';
import type { FakeOpenAi, FakeScript } from '@atrium/testing';
import { createOpenAiCompatibleProvider, ProviderError } from '../src/index.ts';
import { collect, request, textOf } from './collect.ts';

let fake: FakeOpenAi;
afterEach(() => fake.close());

const start = async (script?: FakeScript, connectMs?: number) => {
  fake = await startFakeOpenAi(script ? { script } : {});
  return createOpenAiCompatibleProvider({
    apiKey: 'key-1',
    baseUrl: fake.baseUrl,
    ...(connectMs === undefined ? {} : { connectMs }),
  });
};

describe('an OpenAI-compatible server', () => {
  it('is asked in its own format', async () => {
    const provider = await start();
    const parameters = { type: 'object', properties: { day: { type: 'string' } } };
    await collect(
      provider,
      request({
        system: 'Be kind',
        messages: [
          { role: 'user', content: 'Find a slot' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'find_slot', arguments: { day: 'mon' } }] },
          { role: 'tool', toolCallId: 'c1', content: '{"slot":10}' },
        ],
        tools: [{ name: 'find_slot', description: 'Finds a slot', parameters }],
        maxOutputTokens: 50,
        temperature: 0.2,
      }),
    );
    expect(fake.requests[0]?.headers['authorization']).toBe('Bearer key-1');
    expect(fake.requests[0]?.body).toEqual({
      model: 'test-model',
      messages: [
        { role: 'system', content: 'Be kind' },
        { role: 'user', content: 'Find a slot' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find_slot', arguments: '{"day":"mon"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: '{"slot":10}' },
      ],
      tools: [{ type: 'function', function: { name: 'find_slot', description: 'Finds a slot', parameters } }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      temperature: 0.2,
    });
  });

  it('answers with text, then usage, then the end', async () => {
    const provider = await start([{ chunks: ['Bom ', 'dia'], usage: { input: 20, output: 2, cached: 5 } }]);
    expect(await collect(provider)).toEqual([
      { type: 'text', text: 'Bom ' },
      { type: 'text', text: 'dia' },
      {
        type: 'usage',
        provider: 'openai',
        model: 'test-model',
        inputTokens: 20,
        cachedInputTokens: 5,
        outputTokens: 2,
        estimated: false,
      },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it('gives the first token while the server is still busy with the second', async () => {
    const gate = createGate();
    const provider = await start([{ chunks: ['first', 'second'], gate }]);
    const events = provider.stream(request())[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: 'text', text: 'first' });
    await gate.reached;
    gate.open();
    expect((await events.next()).value).toEqual({ type: 'text', text: 'second' });
    await events.return?.();
  });

  it('puts tool calls that come in pieces together', async () => {
    const provider = await start([
      {
        toolCalls: [
          { id: 'a', name: 'create_event', arguments: { title: 'Reunião', guests: ['ana@example.com'] } },
          { id: 'b', name: 'get_balance', arguments: '{broken' },
        ],
      },
    ]);
    const events = await collect(provider);
    expect(events.slice(0, 2)).toEqual([
      {
        type: 'tool_call',
        id: 'a',
        name: 'create_event',
        arguments: { title: 'Reunião', guests: ['ana@example.com'] },
      },
      { type: 'tool_call', id: 'b', name: 'get_balance', arguments: {}, invalidArguments: '{broken' },
    ]);
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  });

  it('counts tokens itself when the server does not', async () => {
    const provider = await start([{ text: 'Um dois três', usage: null }]);
    const usage = (await collect(provider)).find((event) => event.type === 'usage');
    expect(usage).toMatchObject({ estimated: true });
    expect(usage?.outputTokens).toBeGreaterThan(2);
    expect(usage?.inputTokens).toBeGreaterThan(1);
  });

  it.each([
    ['auth', false, { status: 401, message: 'Incorrect API key' }],
    ['rate_limited', true, { status: 429, type: 'rate_limit_error', retryAfter: 2 }],
    ['rate_limited', false, { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' }],
    ['overloaded', true, { status: 500, type: 'server_error' }],
    ['overloaded', true, { status: 503 }],
    ['context_length', false, { status: 400, code: 'context_length_exceeded' }],
    ['invalid_request', false, { status: 404, code: 'model_not_found' }],
  ] as const)('refuses: %s, worth another try: %s', async (kind, retryable, refusal) => {
    const provider = await start([refusal]);
    const error = await collect(provider).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ kind, retryable, provider: 'openai' });
    if ('retryAfter' in refusal) expect(error).toMatchObject({ retryAfterMs: 2_000 });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['network', { chunks: ['one', 'two', 'three'], cutAfter: 2 }],
    ['network', { chunks: ['one', 'two', 'three'], endAfter: 2 }],
    ['overloaded', { chunks: ['one', 'two', 'three'], errorAfter: 2 }],
  ])('breaks in the middle: %s', async (kind, reply) => {
    const provider = await start([reply]);
    const texts: string[] = [];
    const reading = async () => {
      for await (const event of provider.stream(request())) if (event.type === 'text') texts.push(event.text);
    };
    await expect(reading()).rejects.toMatchObject({ name: 'ProviderError', kind });
    expect(texts).toEqual(['one', 'two']);
  });

  it('gives up on a server that does not even send headers', async () => {
    const provider = await start([{ hang: 'before_headers' }], 50);
    await expect(collect(provider)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
  });

  it('says so when nobody is there', async () => {
    const provider = await start();
    await fake.close();
    await expect(collect(provider)).rejects.toMatchObject({ kind: 'network', retryable: true });
    fake = await startFakeOpenAi();
  });

  it('ends the request when it is aborted, with the reason', async () => {
    const gate = createGate();
    const provider = await start([{ chunks: ['first', 'second'], gate }]);
    const abort = new AbortController();
    const events = provider.stream(request(), { signal: abort.signal })[Symbol.asyncIterator]();
    await events.next();
    abort.abort(new Error('the reader left'));
    await expect(events.next()).rejects.toThrow('the reader left');
    await fake.requests[0]?.closed;
  });

  it('ends the request when the reader leaves the loop', async () => {
    const gate = createGate();
    const provider = await start([{ chunks: ['first', 'second'], gate }]);
    for await (const event of provider.stream(request())) {
      expect(textOf([event])).toBe('first');
      break;
    }
    await fake.requests[0]?.closed;
  });
});
