import { describe, expect, it } from '@jest/globals';
import { startFakeOpenAi } from '@atrium/testing';
import { createBuiltinProvider, createProviders, estimateUsage, resilient } from '../src/index.ts';
import { collect, request, textOf } from './collect.ts';

describe('the providers of an installation', () => {
  it('are the built-in ones without a key', () => {
    const providers = createProviders({});
    expect(providers.defaultModel).toBe('builtin');
    expect(providers.available).toEqual(['builtin']);
    expect(providers.resolve('builtin').name).toBe('builtin');
    expect(providers.embedder.kind).toBe('lexical');
    expect(() => providers.resolve('claude-haiku-4-5')).toThrow(/ANTHROPIC_API_KEY/);
    expect(() => providers.chain('gpt-5-mini')).toThrow(/OPENAI_API_KEY/);
  });

  it('are chosen by the name of the model', () => {
    const providers = createProviders({ openai: { apiKey: 'k' }, anthropic: { apiKey: 'k' } });
    expect(providers.available).toEqual(['builtin', 'openai', 'anthropic']);
    expect(
      ['builtin', 'claude-opus-5', 'gpt-5-mini', 'llama3:8b'].map((model) => providers.resolve(model).name),
    ).toEqual(['builtin', 'anthropic', 'openai', 'openai']);
    expect(providers.embedder).toMatchObject({ kind: 'semantic', dimensions: 1536 });
    expect(providers.defaultModel).not.toBe('builtin');
  });

  it('fall back to the built-in assistant when a chain says so', async () => {
    const fake = await startFakeOpenAi({ script: [{ status: 401 }] });
    try {
      const providers = createProviders({ openai: { apiKey: 'k', baseUrl: fake.baseUrl } });
      const chain = providers.chain('gpt-5-mini', ['claude-opus-5', 'builtin']);
      const events = await collect(chain, request({ messages: [{ role: 'user', content: 'who are you?' }] }));
      expect(textOf(events)).toMatch(/built-in assistant/);
      expect(events.at(-2)).toMatchObject({ type: 'usage', provider: 'builtin', model: 'builtin', estimated: true });
    } finally {
      await fake.close();
    }
  });
});

describe('the built-in assistant', () => {
  const context = { now: new Date('2026-11-21T12:00:00Z'), timeZone: 'America/Sao_Paulo' };
  const tool = (name: string) => ({ name, description: name, parameters: { type: 'object' } });
  const provider = createBuiltinProvider({ newId: () => '1' });

  it('calls a tool like a model does', async () => {
    const messages = [{ role: 'user' as const, content: 'marca reunião com Ana amanhã às 15h' }];
    const events = await collect(
      provider,
      request({ model: 'builtin', messages, tools: [tool('create_event')], context }),
    );
    expect(events).toMatchObject([
      { type: 'tool_call', id: 'call_1', name: 'create_event', arguments: { startsAt: '2026-11-22T15:00:00-03:00' } },
      { type: 'usage', provider: 'builtin', estimated: true },
      { type: 'finish', reason: 'tool_calls' },
    ]);
  });

  it('speaks word by word, lets others work between, and stops when aborted', async () => {
    const abort = new AbortController();
    const words: string[] = [];
    const reading = async () => {
      const asked = request({ messages: [{ role: 'user', content: 'who are you?' }] });
      for await (const event of provider.stream(asked, { signal: abort.signal })) {
        if (event.type === 'text') words.push(event.text);
      }
    };
    setImmediate(() => setImmediate(() => abort.abort(new Error('the reader left'))));
    await expect(reading()).rejects.toThrow('the reader left');
    expect(words.length).toBeGreaterThan(0);
    expect(words.length).toBeLessThan(10);
  });

  it('works in UTC when the zone is unknown', async () => {
    const messages = [{ role: 'user' as const, content: 'schedule a call tomorrow at 10:00' }];
    const odd = { now: context.now, timeZone: 'Mars/Olympus' };
    const events = await collect(provider, request({ messages, tools: [tool('create_event')], context: odd }));
    expect(events[0]).toMatchObject({ arguments: { startsAt: '2026-11-22T10:00:00+00:00', timeZone: 'UTC' } });
  });

  it('can stand in a chain', async () => {
    const events = await collect(resilient([{ provider }]), request({ messages: [{ role: 'user', content: 'hola' }] }));
    expect(textOf(events)).toMatch(/asistente integrado/);
  });
});

describe('counted tokens', () => {
  it('grow with the conversation, the tools and the answer', async () => {
    const small = await estimateUsage(request(), { text: 'Olá', toolCalls: [] });
    const tools = [{ name: 'get_balance', description: 'Tells the balance', parameters: { type: 'object' } }];
    const large = await estimateUsage(request({ system: 'Be kind', tools }), {
      text: 'Olá, tudo bem?',
      toolCalls: [{ name: 'get_balance', arguments: {} }],
    });
    expect(large.inputTokens).toBeGreaterThan(small.inputTokens);
    expect(large.outputTokens).toBeGreaterThan(small.outputTokens);
    expect(small.estimated).toBe(true);
  });
});
