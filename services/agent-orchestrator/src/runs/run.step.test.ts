import { describe, expect, it } from '@jest/globals';
import { usageOf, type RunStep } from './run.step.ts';

const model = (provider: string, name: string, inputTokens: number, estimated = false): RunStep => ({
  ordinal: 0,
  kind: 'model',
  name,
  result: {
    text: '',
    toolCalls: [],
    usage: { provider, model: name, inputTokens, cachedInputTokens: 1, outputTokens: 2, estimated },
  },
});

describe('usage', () => {
  it('adds up by provider and model, and says when a part of it was counted here', () => {
    const skill: RunStep = { ordinal: 1, kind: 'skill', name: 'x', arguments: {}, outcome: null };
    expect(usageOf([model('a', 'm', 10), skill, model('a', 'm', 5, true), model('b', 'm', 7)])).toEqual([
      { provider: 'a', model: 'm', inputTokens: 15, cachedInputTokens: 2, outputTokens: 4, estimated: true },
      { provider: 'b', model: 'm', inputTokens: 7, cachedInputTokens: 1, outputTokens: 2, estimated: false },
    ]);
  });

  it('of nothing is nothing', () => {
    expect(usageOf([])).toEqual([]);
  });
});
