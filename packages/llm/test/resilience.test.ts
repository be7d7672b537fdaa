import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGate, startFakeAnthropic, startFakeOpenAi } from '@atrium/testing';
import type { FakeAnthropic, FakeOpenAi } from '@atrium/testing';
import { createAnthropicProvider, createOpenAiCompatibleProvider, createResilience } from '../src/index.ts';
import type { ChatProvider, ResilienceOptions } from '../src/index.ts';
import { collect, request, textOf } from './collect.ts';

let openai: FakeOpenAi;
let anthropic: FakeAnthropic;
let first: ChatProvider;
let second: ChatProvider;

beforeEach(async () => {
  openai = await startFakeOpenAi();
  anthropic = await startFakeAnthropic({ script: [{ text: 'from the second' }] });
  first = createOpenAiCompatibleProvider({ apiKey: 'k', baseUrl: openai.baseUrl });
  second = createAnthropicProvider({ apiKey: 'k', baseUrl: anthropic.baseUrl });
});
afterEach(() => Promise.all([openai.close(), anthropic.close()]));

const quick: ResilienceOptions = { retry: { baseMs: 1, maxMs: 50 }, random: () => 0 };
const chain = (options: ResilienceOptions = {}) => createResilience({ ...quick, ...options });
const both = (options?: ResilienceOptions) =>
  chain(options)([{ provider: first }, { provider: second, model: 'second-model' }]);

describe('a chain of providers', () => {
  it('tries again until the provider answers', async () => {
    openai.script([{ status: 500 }, { status: 429, retryAfter: 0 }, { text: 'at last' }]);
    expect(textOf(await collect(chain()([{ provider: first }])))).toBe('at last');
    expect(openai.requests).toHaveLength(3);
  });

  it('waits as long as it is told to', async () => {
    openai.script([{ status: 429, retryAfter: 0.2 }, { text: 'at last' }]);
    const began = performance.now();
    await collect(chain({ retry: { baseMs: 1, maxMs: 1_000 } })([{ provider: first }]));
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  it('asks the next provider for its own model when the first stays down, and says who answered', async () => {
    openai.script([{ status: 503 }]);
    const events = await collect(both());
    expect(textOf(events)).toBe('from the second');
    expect(openai.requests).toHaveLength(3);
    expect(anthropic.requests[0]?.body['model']).toBe('second-model');
    expect(events.find((event) => event.type === 'usage')).toMatchObject({
      provider: 'anthropic',
      model: 'second-model',
    });
  });

  it('goes on at once when a key is wrong or the wait would be long', async () => {
    openai.script([{ status: 401 }]);
    expect(textOf(await collect(both()))).toBe('from the second');
    openai.script([{ status: 429, retryAfter: 600 }]);
    expect(textOf(await collect(both()))).toBe('from the second');
    expect(openai.requests).toHaveLength(2);
  });

  it('does not ask another provider when the request is at fault', async () => {
    openai.script([{ status: 400 }]);
    await expect(collect(both())).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(anthropic.requests).toHaveLength(0);
  });

  it('tells of the first failure when all fail', async () => {
    openai.script([{ status: 401 }]);
    anthropic.script([{ status: 529, type: 'overloaded_error' }]);
    await expect(collect(both())).rejects.toMatchObject({ kind: 'auth', provider: 'openai' });
  });

  it('never begins again once a token was given', async () => {
    openai.script([{ chunks: ['one', 'two'], cutAfter: 1 }]);
    const texts: string[] = [];
    const reading = async () => {
      for await (const event of both().stream(request())) if (event.type === 'text') texts.push(event.text);
    };
    await expect(reading()).rejects.toMatchObject({ kind: 'network' });
    expect(texts).toEqual(['one']);
    expect([openai.requests.length, anthropic.requests.length]).toEqual([1, 0]);
  });

  it('does not wait for ever for the first token', async () => {
    openai.script([{ hang: 'after_headers' }]);
    const events = await collect(both({ firstTokenMs: 1_500, retry: { attempts: 1 } }));
    expect(textOf(events)).toBe('from the second');
    await openai.requests[0]?.closed;
  });

  it('does not wait for ever between tokens', async () => {
    openai.script([{ chunks: ['one', 'two'], gate: createGate() }]);
    await expect(collect(both({ idleMs: 60 }))).rejects.toMatchObject({ kind: 'timeout' });
    await openai.requests[0]?.closed;
  });

  it('leaves a provider that keeps failing alone, then tries it once', async () => {
    openai.script([{ status: 500 }]);
    const make = chain({ retry: { attempts: 1 }, breaker: { failures: 2, pauseMs: 150 } });
    const provider = make([{ provider: first }]);
    await expect(collect(provider)).rejects.toThrow(/500/);
    await expect(collect(provider)).rejects.toThrow(/500/);
    await expect(collect(make([{ provider: first }]))).rejects.toThrow(/left alone/);
    expect(openai.requests).toHaveLength(2);
    expect(textOf(await collect(make([{ provider: first }, { provider: second }])))).toBe('from the second');
    expect(openai.requests).toHaveLength(2);

    await pause(170);
    openai.script([{ text: 'back again' }]);
    expect(textOf(await collect(provider))).toBe('back again');
    expect(textOf(await collect(provider))).toBe('back again');
  });

  it('does not take refusals for an outage', async () => {
    openai.script([{ status: 401 }]);
    const provider = chain({ breaker: { failures: 2, pauseMs: 10_000 } })([{ provider: first }]);
    for (let round = 0; round < 4; round += 1) await expect(collect(provider)).rejects.toMatchObject({ kind: 'auth' });
    expect(openai.requests).toHaveLength(4);
  });

  it('stops when it is aborted, also while it waits for another try', async () => {
    openai.script([{ status: 500 }]);
    const abort = new AbortController();
    const reading = collect(both({ retry: { baseMs: 5_000, maxMs: 5_000 } }), request(), abort.signal);
    setTimeout(() => abort.abort(new Error('the reader left')), 100);
    await expect(reading).rejects.toThrow('the reader left');
    expect(anthropic.requests).toHaveLength(0);
  });
});
